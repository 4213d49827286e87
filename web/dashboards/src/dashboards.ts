import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { interactionsDashboard } from './interactions.js';
import { pipelineDashboard } from './pipeline.js';

/** Where the built dashboards are committed. */
export const outputFolder = new URL('../../../deploy/grafana/dashboards/', import.meta.url);

/** Every dashboard by its file's name. */
export function dashboards(): Record<string, Dashboard> {
  return {
    'interactions.json': interactionsDashboard(),
    'pipeline.json': pipelineDashboard(),
  };
}

export function toJson(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
