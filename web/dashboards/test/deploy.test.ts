import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { dashboards } from '../src/dashboards.js';
import { have, path, read, run } from './tools.js';

interface Service {
  image: string;
  build?: { context: string; dockerfile: string };
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  healthcheck?: { test: string[] };
}

interface Compose {
  services: Record<'kafka' | 'collector' | 'metrics' | 'prometheus' | 'grafana', Service>;
  volumes: Record<string, null>;
}

interface Job {
  job_name: string;
  scrape_interval: string;
  scrape_timeout: string;
  metrics_path?: string;
  file_sd_configs: { files: string[] }[];
  metric_relabel_configs?: { source_labels: string[]; regex: string; target_label: string; replacement: string }[];
}

const compose = parse(read('deploy/compose.yaml'), { merge: true }) as Compose;
const prometheus = parse(read('deploy/prometheus/prometheus.yml')) as { rule_files: string[]; scrape_configs: Job[] };
const dockerfile = read('deploy/Dockerfile');
const { collector, metrics, kafka, grafana } = compose.services;
const services = Object.entries(compose.services);

describe('compose', () => {
  const hasCompose = have('docker', 'compose', 'version');
  // Reports have no place for a reason but the name.
  test.skipIf(!hasCompose)(`is well-formed, says \`docker compose config\`${hasCompose ? '' : ', which is not here'}`, () => {
    const { ok, output } = run('docker', 'compose', '-f', path('deploy/compose.yaml'), 'config', '--quiet');
    expect(ok, output).toBe(true);
  });

  test('pins every image to a version', () => {
    expect(services.map(([, { image }]) => image)).toEqual([
      'apache/kafka:4.3.0',
      'footfall:local',
      'footfall:local',
      expect.stringMatching(/^prom\/prometheus:v\d+\.\d+\.\d+$/),
      expect.stringMatching(/^grafana\/grafana:12\.\d+\.\d+$/),
    ]);
  });

  test('opens ports to this machine alone', () => {
    const ports = services.flatMap(([, { ports }]) => ports ?? []);
    expect(ports).toEqual(['8081', '8082', '9090', '3000'].map((port) => `127.0.0.1:${port}:${port}`));
  });

  test('mounts files that are in the repository, and volumes that it declares', () => {
    const sources = services.flatMap(([, { volumes }]) => volumes ?? []).map((mount) => mount.split(':')[0] ?? '');
    const files = sources.filter((source) => source.startsWith('.'));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(path(posix.join('deploy', file))))).toEqual([]);
    expect(sources.filter((source) => !source.startsWith('.')).sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  test.each([
    ['collector', collector, 'FOOTFALL__CAPTURE__LISTEN', '8081'],
    ['metrics', metrics, 'FOOTFALL__EXPOSE__LISTEN', '8082'],
  ])('%s listens where it is mapped, scraped and asked for its health', (name, service, listen, port) => {
    expect(service.command).toEqual([name]);
    expect(service.environment?.[listen]).toBe(`http://0.0.0.0:${port}`);
    expect(service.ports).toEqual([`127.0.0.1:${port}:${port}`]);
    expect(service.healthcheck?.test).toEqual(['CMD', '/app/footfall', 'health', `http://127.0.0.1:${port}/health/ready`]);
    expect(targets(`deploy/compose/targets/${name}.json`)).toEqual([`${name}:${port}`]);
    expect(targets(`deploy/prometheus/targets/${name}.json`)).toEqual([`localhost:${port}`]);
  });

  test('lets both services find Kafka where it says it is', () => {
    const address = kafka.environment?.['KAFKA_ADVERTISED_LISTENERS']?.replace('PLAINTEXT://', '');
    expect(address).toBe('kafka:9092');
    for (const service of [collector, metrics]) {
      expect(service.environment?.['FOOTFALL__LOG__KAFKA__BOOTSTRAPSERVERS']).toBe(address);
    }
  });

  test('keeps what Kafka writes in its volume', () => {
    expect(mounted(kafka, kafka.environment?.['KAFKA_LOG_DIRS'])).toBe('kafka');
  });

  test('mounts all that the configuration of Prometheus names, beside it', () => {
    const server = compose.services.prometheus;
    expect(server.command).toContain('--config.file=/etc/prometheus/prometheus.yml');
    expect(mounted(server, '/etc/prometheus/prometheus.yml')).toBe('./prometheus/prometheus.yml');
    const named = [...prometheus.rule_files, ...prometheus.scrape_configs.flatMap(filesOf)];
    for (const file of named) {
      const folder = mounted(server, `/etc/prometheus/${posix.dirname(file)}`);
      expect(folder, file).toBeDefined();
      expect(existsSync(path(posix.join('deploy', folder ?? '', posix.basename(file)))), file).toBe(true);
      expect(existsSync(path(posix.join('deploy/prometheus', file))), file).toBe(true);
    }
  });
});

describe('prometheus', () => {
  const job = (name: string) => prometheus.scrape_configs.find(({ job_name }) => job_name === name);

  test('scrapes both services every second and their runtimes every 15', () => {
    const summary = prometheus.scrape_configs.map((scrape) => [
      scrape.job_name,
      scrape.scrape_interval,
      scrape.metrics_path ?? '/metrics',
      ...filesOf(scrape),
    ]);
    expect(summary).toEqual([
      ['footfall-metrics', '1s', '/metrics', 'targets/metrics.json'],
      ['footfall-collector', '1s', '/metrics', 'targets/collector.json'],
      ['footfall-runtime', '15s', '/metrics/runtime', 'targets/metrics.json', 'targets/collector.json'],
    ]);
  });

  test.each([
    ['footfall_interactions_total', true],
    ['footfall_interaction_value_total', true],
    ['footfall_funnel_visitors_total', true],
    ['footfall_funnel_visitors_forgotten_total', false],
    ['footfall_duplicates_total', true],
    ['footfall_late_total', true],
    ['footfall_unseen_total', true],
    ['footfall_series_overflowed_total', true],
    ['footfall_log_duplicates_total', false],
    ['footfall_log_counted_total', false],
    ['footfall_active_visitors', false],
    ['footfall_delivery_seconds_bucket', false],
    ['footfall_series', false],
    ['footfall_build_info', false],
  ])('%s has one fixed instance: %s', (family, fixed) => {
    const [relabel] = job('footfall-metrics')?.metric_relabel_configs ?? [];
    expect(relabel).toMatchObject({ source_labels: ['__name__'], target_label: 'instance', replacement: 'footfall' });
    // Prometheus anchors its patterns at both ends.
    expect(new RegExp(`^(?:${relabel?.regex})$`).test(family)).toBe(fixed);
  });
});

describe('README', () => {
  test('shows the scrape configuration that we use, with the addresses written in', () => {
    const snippet = /```yaml\n(.+?)```/s.exec(read('deploy/README.md'))?.[1] ?? '';
    const ours = prometheus.scrape_configs.map(({ file_sd_configs, ...job }) => ({
      ...job,
      static_configs: [
        { targets: file_sd_configs.flatMap(({ files }) => files).flatMap((file) => targets(`deploy/prometheus/${file}`)) },
      ],
    }));
    expect((parse(snippet) as { scrape_configs: unknown }).scrape_configs).toEqual(ours);
  });

  test('links to files that are there', () => {
    const links = [...read('deploy/README.md').matchAll(/\]\(([^)#:]+)\)/g)].map(([, link]) => link ?? '');
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((link) => !existsSync(path(posix.join('deploy', link))))).toEqual([]);
  });
});

describe('grafana', () => {
  const ini = read('deploy/grafana/grafana.ini');
  const [source] = (parse(read('deploy/grafana/provisioning/datasources/footfall.yml')) as {
    datasources: [{ uid: string; type: string; url: string; jsonData: unknown }];
  }).datasources;
  const [provider] = (parse(read('deploy/grafana/provisioning/dashboards/footfall.yml')) as {
    providers: [{ options: { path: string } }];
  }).providers;

  test('may refresh every second', () => {
    expect(ini).toMatch(/^\[dashboards\]\nmin_refresh_interval = 1s$/m);
  });

  test('finds Prometheus by the variable that compose sets, on the port it listens on', () => {
    expect(source).toMatchObject({ uid: 'footfall', type: 'prometheus', url: '${FOOTFALL_PROMETHEUS_URL}' });
    expect(source.jsonData).toEqual({ timeInterval: '1s', httpMethod: 'POST' });
    expect(grafana.environment?.['FOOTFALL_PROMETHEUS_URL']).toBe('http://prometheus:9090');
    expect(compose.services.prometheus.ports).toEqual(['127.0.0.1:9090:9090']);
  });

  test('finds the dashboards and its home where compose mounts them', () => {
    expect(mounted(grafana, provider.options.path)).toBe('./grafana/dashboards');
    expect(mounted(grafana, '/etc/grafana/provisioning')).toBe('./grafana/provisioning');
    expect(mounted(grafana, '/etc/grafana/grafana.ini')).toBe('./grafana/grafana.ini');
    const home = /^default_home_dashboard_path = (.+)$/m.exec(ini)?.[1] ?? '';
    expect(posix.dirname(home)).toBe(provider.options.path);
    expect(Object.keys(dashboards())).toContain(posix.basename(home));
  });
});

describe('Dockerfile', () => {
  test('is the one that compose builds', () => {
    for (const service of [collector, metrics]) {
      expect(service.build).toEqual({ context: '..', dockerfile: 'deploy/Dockerfile' });
    }
  });

  test('starts the executable that is asked for its health, without a shell', () => {
    expect(dockerfile).toMatch(/^ENTRYPOINT \["\/app\/footfall"\]$/m);
    expect(dockerfile).toMatch(/^ +CMD \["\/app\/footfall", "health", "http:\/\/127\.0\.0\.1:8081\/health\/ready"\]$/m);
    expect(dockerfile).toMatch(/^COPY --from=server \/app \/app$/m);
    expect(dockerfile).toMatch(/^FROM mcr\.microsoft\.com\/dotnet\/runtime-deps:10\.0-noble-chiseled$/m);
  });

  test('listens on the ports that it exposes', () => {
    expect(dockerfile).toContain('FOOTFALL__CAPTURE__LISTEN=http://0.0.0.0:8081');
    expect(dockerfile).toContain('FOOTFALL__EXPOSE__LISTEN=http://0.0.0.0:8082');
    expect(dockerfile).toMatch(/^EXPOSE 8081 8082$/m);
  });

  test('keeps its data where compose mounts a volume', () => {
    const folder = /^VOLUME (.+)$/m.exec(dockerfile)?.[1];
    expect(folder).toBe(/^WORKDIR (\/var\/.+)$/m.exec(dockerfile)?.[1]);
    expect(mounted(collector, folder)).toBe('collector');
    expect(mounted(metrics, folder)).toBe('metrics');
  });
});

function filesOf({ file_sd_configs }: Job): string[] {
  return file_sd_configs.flatMap(({ files }) => files);
}

function targets(file: string): string[] {
  return (JSON.parse(read(file)) as { targets: string[] }[]).flatMap((group) => group.targets);
}

/** What a service has at a path: a file of the repository or a volume. */
function mounted({ volumes }: Service, target: string | undefined): string | undefined {
  return volumes?.map((mount) => mount.split(':')).find(([, at]) => at === target)?.[0];
}
