import { mkdirSync, writeFileSync } from 'node:fs';
import { dashboards, outputFolder, toJson } from './dashboards.js';

mkdirSync(outputFolder, { recursive: true });
for (const [file, dashboard] of Object.entries(dashboards())) {
  writeFileSync(new URL(file, outputFolder), toJson(dashboard));
}
