import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';

export const datasource = { type: 'prometheus', uid: '${datasource}' };

interface Options {
  legend?: string;
  /**
   * The query's smallest step. Grafana's $__rate_interval is four times it, at least: a smoother
   * rate, and for what is scraped every 15 s the only one that finds two samples.
   */
  step?: string;
}

/** A value for each moment of the range. */
export function series(refId: string, expr: string, options: Options = {}): DataqueryBuilder {
  return query(refId, expr, options).range();
}

/** One value, now. */
export function now(refId: string, expr: string, options: Options = {}): DataqueryBuilder {
  return query(refId, expr, options).instant();
}

/** One row for each series, now. */
export function rows(refId: string, expr: string): DataqueryBuilder {
  return query(refId, expr, {}).instant().format(PromQueryFormat.Table);
}

function query(refId: string, expr: string, { legend, step }: Options): DataqueryBuilder {
  const built = new DataqueryBuilder()
    .datasource(datasource)
    .refId(refId)
    .expr(expr)
    .editorMode(QueryEditorMode.Code);
  if (legend !== undefined) {
    built.legendFormat(legend);
  }
  if (step !== undefined) {
    built.interval(step);
  }
  return built;
}
