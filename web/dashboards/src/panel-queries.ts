import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';

export interface PanelQuery {
  dashboard: string;
  panel: string;
  refId: string;
  expr: string;
  instant: boolean;
  /** The query's smallest step, where it has one; $__rate_interval is at least four of them. */
  interval?: string;
}

/** The panels without the rows' headings. */
export function panelsOf(dashboard: Dashboard): Panel[] {
  return (dashboard.panels ?? []).filter((panel): panel is Panel => panel.type !== 'row');
}

export function queriesOf(dashboard: Dashboard): PanelQuery[] {
  return panelsOf(dashboard).flatMap((panel) =>
    ((panel.targets ?? []) as Dataquery[]).map(({ refId, expr, instant, interval }) => ({
      dashboard: dashboard.uid ?? '',
      panel: panel.title ?? '',
      refId: refId ?? '',
      expr: expr ?? '',
      instant: instant ?? false,
      ...(interval === undefined ? {} : { interval }),
    })),
  );
}
