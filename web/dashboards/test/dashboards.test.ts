import type { Dashboard, GridPos, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import { describe, expect, test } from 'vitest';
import { dashboards, toJson } from '../src/dashboards.js';
import { panelsOf, queriesOf } from '../src/panel-queries.js';
import { read } from './tools.js';

describe.each(Object.entries(dashboards()))('%s', (file, dashboard) => {
  const panels = panelsOf(dashboard);

  test('is committed as it is built; if not, run `npm run build`', () => {
    expect(read(`deploy/grafana/dashboards/${file}`)).toBe(toJson(dashboard));
  });

  test('is live: every second, the last 15 minutes', () => {
    expect(dashboard).toMatchObject({ refresh: '1s', liveNow: true, time: { from: 'now-15m', to: 'now' } });
    expect(dashboard.timepicker?.refresh_intervals).toContain('1s');
  });

  test('lets choose a data source and apps', () => {
    expect(variable(dashboard, 'datasource')).toMatchObject({ type: 'datasource', query: 'prometheus' });
    expect(variable(dashboard, 'app')).toMatchObject({ type: 'query', multi: true, includeAll: true, allValue: '.*' });
  });

  test('has numbered its panels once each', () => {
    const ids = (dashboard.panels ?? []).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain(undefined);
  });

  test('keeps panels inside the grid and off each other', () => {
    const places = (dashboard.panels ?? []).map((panel) => place(panel as Panel));
    for (const [index, a] of places.entries()) {
      expect(Number.isInteger(a.y) && Number.isInteger(a.h), `panel ${index} stands on whole lines`).toBe(true);
      expect(a.x + a.w).toBeLessThanOrEqual(24);
      for (const b of places.slice(index + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(apart, `${JSON.stringify(a)} and ${JSON.stringify(b)}`).toBe(true);
      }
    }
  });

  test('gives every panel a title of its own', () => {
    const titles = panels.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  test.each(panels.map((panel) => [panel.title, panel] as const))('%s: says what it shows, in which unit', (title, panel) => {
    expect(title).toMatch(/\S/);
    expect(panel.description).toMatch(/\S.*\.$/s);
    expect(panel.fieldConfig?.defaults?.unit).toMatch(/\S/);
    expect(panel.datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
  });

  test.each(panels.map((panel) => [panel.title, panel] as const))('%s: asks the chosen data source', (_, panel) => {
    const targets = (panel.targets ?? []) as Dataquery[];
    expect(targets.length).toBeGreaterThan(0);
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    for (const target of targets) {
      expect(target.datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
      expect(target.instant === true || target.range === true).toBe(true);
      expect(target.legendFormat !== undefined || target.format === 'table').toBe(true);
    }
  });
});

const queries = Object.values(dashboards()).flatMap(queriesOf);

test('What is scraped every 15 s is asked in steps of 15 s, or its rate would find one sample', () => {
  const slow = queries.filter(({ expr }) => expr.includes('job="footfall-runtime"'));
  expect(slow.length).toBeGreaterThan(0);
  expect(slow.filter(({ interval }) => interval !== '15s')).toEqual([]);
});

test('Every query sums or takes one of its instances, so any number of them may run', () => {
  const aggregated = /^(60 \* )?(sum|max|avg|topk|histogram_quantile)\b/;
  expect(queries.filter(({ expr }) => !aggregated.test(expr))).toEqual([]);
});

test('Counts of today cover the day, whatever range is chosen', () => {
  const today = Object.values(dashboards())
    .flatMap(panelsOf)
    .filter(({ title }) => title?.includes('today'));
  expect(today.map(({ title, timeFrom }) => [title, timeFrom])).toEqual([
    ['Enroll Now today', 'now/d'],
    ['Buy Now today', 'now/d'],
    ['Value today', 'now/d'],
  ]);
});

function variable(dashboard: Dashboard, name: string): unknown {
  return dashboard.templating?.list?.find((candidate) => candidate.name === name);
}

function place(panel: Panel): GridPos {
  if (panel.gridPos === undefined) {
    throw new Error(`${panel.title} has no place`);
  }
  return panel.gridPos;
}
