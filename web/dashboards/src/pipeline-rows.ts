import { column, type Row } from './layout.js';
import { graph, levels, liveStat, stat } from './panels.js';
import { growth, interactionsByTarget, ofApps, quantile, rate, sum } from './promql.js';
import { now, series } from './query.js';

// Four steps of 5 s: enough interactions for a quantile to mean something.
const quantileStep = '5s';

/** written = counted + duplicates + unreadable + missed + lag, in each scrape of each partition. */
const unaccounted = `max(abs(${[
  'footfall_log_written_total',
  'footfall_log_counted_total',
  'footfall_log_duplicates_total',
  'footfall_log_unreadable_total',
  'footfall_log_missed_total',
  'footfall_log_lag',
]
  .map((metric) => sum(metric, 'instance', 'partition'))
  .join(' - ')}))`;

export const state: Row = {
  title: 'At a glance',
  height: 5,
  columns: [
    column(
      5,
      stat(
        {
          title: 'Unaccounted for',
          description:
            'Interactions written to the log that are neither counted, duplicate, unreadable, missed nor waiting, in the partition where there are most. The law says 0, always.',
          unit: 'locale',
        },
        now('A', unaccounted, { legend: 'unaccounted for' }),
      )
        .decimals(0)
        .noValue('no data')
        .thresholds(levels(['green', null], ['red', 1])),
    ),
    column(
      5,
      stat(
        {
          title: 'Unreadable and missed',
          description:
            'Interactions that were in the log and could not be counted, since it began: not readable, or deleted before they were read.',
          unit: 'locale',
        },
        now('A', 'sum(max by (partition) (footfall_log_unreadable_total))', { legend: 'unreadable' }),
        now('B', 'sum(max by (partition) (footfall_log_missed_total))', { legend: 'missed' }),
      )
        .decimals(0)
        .thresholds(levels(['green', null], ['red', 1])),
    ),
    column(
      5,
      liveStat(
        {
          title: 'Waiting in the log',
          description: 'Interactions written and not yet counted, over all partitions.',
          unit: 'locale',
        },
        series('A', 'sum(max by (partition) (footfall_log_lag))', { legend: 'waiting' }),
      ).decimals(0),
    ),
    column(
      5,
      liveStat(
        {
          title: 'Delivery, 99th percentile',
          description: 'From accepted by the collector until exposed: 99 of 100 interactions took less.',
          unit: 's',
        },
        series('A', quantile(0.99, 'footfall_delivery_seconds'), { legend: 'p99', step: quantileStep }),
      )
        .noValue('no traffic')
        .thresholds(levels(['green', null], ['orange', 1], ['red', 5])),
    ),
    column(
      4,
      stat(
        {
          title: 'Instances up',
          description: 'Collectors and metrics instances that answered their last scrape; red when one did not.',
          unit: 'percentunit',
        },
        now('A', 'avg by (job) (up{job=~"footfall-(collector|metrics)"})', { legend: '{{job}}' }),
      )
        .noValue('no data')
        .thresholds(levels(['red', null], ['green', 1])),
    ),
  ],
};

export const flow: Row = {
  title: 'Flow',
  height: 7,
  columns: [
    column(
      8,
      graph(
        {
          title: 'Accepted a second',
          description: 'Interactions a second that collectors took and the log has durably, by app.',
          unit: 'cps',
        },
        series('A', sum(rate(ofApps('footfall_accepted_total')), 'app'), { legend: '{{app}}' }),
      ),
    ),
    column(
      8,
      graph(
        {
          title: 'Counted a second',
          description: 'Interactions a second that entered the totals, by app.',
          unit: 'cps',
        },
        series('A', sum(rate(ofApps(interactionsByTarget)), 'app'), { legend: '{{app}}' }),
      ),
    ),
    column(
      8,
      graph(
        {
          title: 'Duplicates, late and unseen a second',
          description:
            'Duplicates came again and were not counted again. Late ones are older than the duplicate window can see, and are counted. Unseen ones were numbered by a page and never came; told half an hour after the page was opened.',
          unit: 'cps',
        },
        series('A', sum(rate(ofApps('footfall_duplicates_total'))), { legend: 'duplicates' }),
        series('B', sum(rate(ofApps('footfall_late_total'))), { legend: 'late' }),
        series('C', sum(rate(ofApps('footfall_unseen_total'))), { legend: 'unseen' }),
      ),
    ),
    column(
      8,
      graph(
        {
          title: 'Rejected a second by reason',
          description: 'Interactions a second that the collectors did not take, by reason.',
          unit: 'cps',
        },
        series('A', sum(rate(ofApps('footfall_rejected_total')), 'reason'), { legend: '{{reason}}' }),
      ),
    ),
    column(
      8,
      graph(
        {
          title: 'Refused requests a second by reason',
          description: 'Requests a second that the collectors refused whole, before reading interactions, by reason. Of all apps.',
          unit: 'reqps',
        },
        series('A', sum(rate('footfall_refused_requests_total'), 'reason'), { legend: '{{reason}}' }),
      ),
    ),
    column(
      8,
      graph(
        {
          title: 'Shortened and ignored a second',
          description:
            'Interactions a second with something longer than its bound, which was cut or left out, by field; and events a second of other formats that are no interactions, by kind. Of all apps.',
          unit: 'cps',
        },
        series('A', sum(rate('footfall_shortened_total'), 'field'), { legend: '{{field}} shortened' }),
        series('B', sum(rate('footfall_ignored_total'), 'kind'), { legend: '{{kind}} ignored' }),
      ),
    ),
    column(
      8,
      graph(
        {
          title: 'Bots a second by kind',
          description: 'Interactions a second that no person did. They are in no total.',
          unit: 'cps',
        },
        series('A', sum(rate(ofApps('footfall_bots_total')), 'kind'), { legend: '{{kind}}' }),
      ),
    ),
    column(
      8,
      graph(
        {
          title: 'Wrong clocks a second',
          description:
            'Times a second that were moved because the clock of who sent was wrong, or set to the bound that they were beyond. Of all apps.',
          unit: 'cps',
        },
        series('A', sum(rate('footfall_clock_corrected_total')), { legend: 'moved' }),
        series('B', sum(rate('footfall_clamped_total'), 'bound'), { legend: 'set, {{bound}}' }),
      ),
    ),
    column(
      8,
      graph(
        {
          title: 'Changes of the configuration a second',
          description: 'Configuration files that changed while collectors ran: put in force, or not usable, when the last good one stays.',
          unit: 'cps',
        },
        series('A', sum(rate('footfall_config_reloads_total')), { legend: 'in force' }),
        series('B', sum(rate('footfall_config_reload_failures_total')), { legend: 'not usable' }),
      ),
    ),
  ],
};

export const delays: Row = {
  title: 'Delay',
  height: 8,
  columns: [
    column(
      8,
      graph(
        {
          title: 'Delivery time',
          description: 'From accepted by the collector until exposed on /metrics, over all metrics instances.',
          unit: 's',
        },
        ...quantiles('footfall_delivery_seconds'),
      ),
    ),
    column(
      8,
      graph(
        {
          title: 'Append time',
          description: 'How long the log took to have interactions durably, over all collectors.',
          unit: 's',
        },
        ...quantiles('footfall_append_seconds'),
      ),
    ),
    column(
      8,
      graph(
        {
          title: 'Lag by partition',
          description: 'Interactions written and not yet counted, in each partition.',
          unit: 'locale',
        },
        // At a handover two instances may show a partition for a moment: one of them, not their sum.
        series('A', 'max by (partition) (footfall_log_lag)', { legend: 'partition {{partition}}' }),
      ).decimals(0),
    ),
  ],
};

function quantiles(histogram: string) {
  return [
    series('A', quantile(0.5, histogram), { legend: 'p50', step: quantileStep }),
    series('B', quantile(0.9, histogram), { legend: 'p90', step: quantileStep }),
    series('C', quantile(0.99, histogram), { legend: 'p99', step: quantileStep }),
  ];
}

export const bounds: Row = {
  title: 'Bounds',
  height: 7,
  columns: [
    column(
      8,
      graph(
        {
          title: 'Series',
          description: 'Series of totals that the metrics service keeps; the largest number of any instance.',
          unit: 'locale',
        },
        series('A', 'max(footfall_series)', { legend: 'series' }),
      ).decimals(0),
    ),
    column(
      8,
      graph(
        {
          title: 'Overflowed a second',
          description: 'Interactions a second counted as "(other)" because the cap on series was reached, by app.',
          unit: 'cps',
        },
        series('A', sum(rate(ofApps('footfall_series_overflowed_total')), 'app'), { legend: '{{app}}' }),
      ),
    ),
    column(
      8,
      stat(
        {
          title: 'In the chosen time',
          description:
            'Duplicates dropped, late ones counted, interactions counted as "(other)", and interactions that never came, in the chosen time range.',
          unit: 'locale',
        },
        now('A', sum(growth(ofApps('footfall_duplicates_total'))), { legend: 'duplicates' }),
        now('B', sum(growth(ofApps('footfall_late_total'))), { legend: 'late' }),
        now('C', sum(growth(ofApps('footfall_series_overflowed_total'))), { legend: 'overflowed' }),
        now('D', sum(growth(ofApps('footfall_unseen_total'))), { legend: 'unseen' }),
      ).decimals(0),
    ),
  ],
};
