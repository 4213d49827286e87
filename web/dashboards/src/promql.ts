/** PromQL shared by the panels. Everything sums over instances, so any number of them may run. */

export const interactions = 'footfall_interactions_total';

export const funnelVisitors = 'footfall_funnel_visitors_total';

/**
 * The totals with fewer labels: deploy/prometheus/rules/footfall.yml. What asks for all targets asks
 * these: a graph of 15 minutes of 100,000 series would be more samples than Prometheus lets a query hold.
 */
export const interactionsByTarget = 'app_type_target:footfall_interactions_total:sum';
export const interactionsByPage = 'app_type_page:footfall_interactions_total:sum';
export const valueByTarget = 'app_type_target:footfall_interaction_value_total:sum';

/** A selector of the chosen apps' series. */
export function ofApps(metric: string, ...matchers: string[]): string {
  return `${metric}{${['app=~"$app"', ...matchers].join(', ')}}`;
}

export function clicksOn(target: string): string[] {
  return ['type="click"', `target="${target}"`];
}

export function sum(expr: string, ...by: string[]): string {
  return by.length === 0 ? `sum(${expr})` : `sum by (${by.join(', ')}) (${expr})`;
}

export function rate(selector: string, offset?: string): string {
  const window = `${selector}[$__rate_interval]`;
  return offset === undefined ? `rate(${window})` : `rate(${window} offset ${offset})`;
}

/**
 * How much totals grew over the panel's whole range: last minus first, to the click. `increase()`
 * extrapolates to the edges of the range and would show 8 for 7 clicks; it answers only where a
 * total went back, which Footfall's do when somebody deletes its data.
 */
export function growth(selector: string): string {
  const r = `${selector}[$__range]`;
  return `(max_over_time(${r}) - min_over_time(${r}) and resets(${r}) == 0 or increase(${r}))`;
}

/** A quantile of a histogram over all instances. */
export function quantile(q: number, histogram: string): string {
  return `histogram_quantile(${q}, ${sum(rate(`${histogram}_bucket`), 'le')})`;
}
