import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { describe, expect, test } from 'vitest';
import { dashboards } from '../src/dashboards.js';
import { queriesOf } from '../src/panel-queries.js';
import { have, path, read, run } from './tools.js';

const queries = Object.values(dashboards()).flatMap(queriesOf);

/** As Grafana would, with every app chosen. */
function substituted(expr: string): string {
  return expr
    .replaceAll('$app', '.*')
    .replaceAll('$compare', '1h')
    .replaceAll('$__rate_interval', '4s')
    .replaceAll('$__range', '15m');
}

test('No variable is left that nobody substitutes', () => {
  expect(queries.map(({ expr }) => substituted(expr)).filter((expr) => expr.includes('$'))).toEqual([]);
});

test('Recorded series that panels ask for are recorded, and the other way round', () => {
  const rules = parse(read('deploy/prometheus/rules/footfall.yml')) as { groups: { rules: { record: string }[] }[] };
  const recorded = rules.groups.flatMap((group) => group.rules.map(({ record }) => record));
  const asked = queries.flatMap(({ expr }) => expr.match(/\w+:\w+:\w+/g) ?? []);
  expect([...new Set(asked)].sort()).toEqual([...recorded].sort());
});

describe.skipIf(!have('promtool', '--version'))('promtool', () => {
  test('accepts the configuration, its targets and its rules', () => {
    const { ok, output } = run('promtool', 'check', 'config', path('deploy/prometheus/prometheus.yml'));
    expect(ok, output).toBe(true);
    expect(output).not.toMatch(/WARNING|does not exist/i);
  });

  test('finds the rules right in their unit tests', () => {
    const { ok, output } = run('promtool', 'test', 'rules', path('deploy/prometheus/rules/footfall_test.yml'));
    expect(ok, output).toBe(true);
  });

  test('can parse every query of every panel', () => {
    const folder = mkdtempSync(join(tmpdir(), 'footfall-queries-'));
    try {
      const file = join(folder, 'queries.yml');
      const rules = queries.map(({ expr }, index) => ({ record: `query:number:${index}`, expr: substituted(expr) }));
      writeFileSync(file, stringify({ groups: [{ name: 'queries', rules }] }));
      const { ok, output } = run('promtool', 'check', 'rules', file);
      expect(ok, output).toBe(true);
      expect(output).toContain(`${queries.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
