import { column, type Row } from './layout.js';
import { graph, table, timeline } from './panels.js';
import { sum } from './promql.js';
import { rows, series } from './query.js';

const runtime = '{job="footfall-runtime"}';

// Scraped every 15 s, so a rate needs a minute.
const step = '15s';
const legend = '{{instance}}';

function perSecond(metric: string): string {
  return `rate(${metric}${runtime}[$__rate_interval])`;
}

/**
 * Names as OpenTelemetry writes .NET's own metrics for Prometheus (System.Runtime, from .NET 9;
 * Microsoft.AspNetCore.Hosting, from .NET 8). A process that serves both ports is shown twice.
 */
export const processes: Row = {
  title: 'Processes',
  height: 7,
  columns: [
    column(
      16,
      timeline(
        {
          title: 'Up',
          description: 'Whether each address answered its scrapes.',
          unit: 'none',
        },
        series('A', 'max by (job, instance) (up{job=~"footfall-(collector|metrics)"})', {
          legend: '{{job}} {{instance}}',
        }),
      ),
    ),
    column(
      8,
      table(
        {
          title: 'Versions',
          description: 'The version that each address runs.',
          unit: 'none',
        },
        { job: 'Service', instance: 'Address', version: 'Version' },
        'Service',
        rows('A', 'max by (job, instance, version) (footfall_build_info)'),
      ),
    ),
    column(
      6,
      graph(
        {
          title: 'Memory',
          description: 'Physical memory in use (working set) of each process.',
          unit: 'bytes',
        },
        series('A', sum(`dotnet_process_memory_working_set_bytes${runtime}`, 'instance'), { legend, step }),
      ),
    ),
    column(
      6,
      graph(
        {
          title: 'CPU',
          description: 'Processor cores that each process keeps busy.',
          unit: 'none',
        },
        series('A', sum(perSecond('dotnet_process_cpu_time_seconds_total'), 'instance'), { legend, step }),
      ),
    ),
    column(
      6,
      graph(
        {
          title: 'Garbage collections a second',
          description: 'Garbage collections a second of each process, by generation.',
          unit: 'ops',
        },
        series('A', sum(perSecond('dotnet_gc_collections_total'), 'instance', 'gc_heap_generation'), {
          legend: '{{instance}} {{gc_heap_generation}}',
          step,
        }),
      ),
    ),
    column(
      6,
      graph(
        {
          title: 'HTTP requests, 99th percentile',
          description: 'How long Kestrel took for 99 of 100 requests at most, by address.',
          unit: 's',
        },
        series(
          'A',
          `histogram_quantile(0.99, ${sum(perSecond('http_server_request_duration_seconds_bucket'), 'instance', 'le')})`,
          { legend, step },
        ),
      ),
    ),
  ],
};
