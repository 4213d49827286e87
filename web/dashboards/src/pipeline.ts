import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { board } from './board.js';
import { lay } from './layout.js';
import { bounds, delays, flow, state } from './pipeline-rows.js';
import { processes } from './process-rows.js';

export function pipelineDashboard(): Dashboard {
  const empty = board(
    'Footfall: pipeline',
    'footfall-pipeline',
    'The way of an interaction from the collector to the count: how much, how fast, and whether anything is missing.',
  );
  return lay(empty, [state, flow, delays, bounds, processes]).build();
}
