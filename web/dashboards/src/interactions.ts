import type { Dashboard, DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { board, compareVariable } from './board.js';
import { column, lay, type Row } from './layout.js';
import { bars, graph, liveStat, stat, table } from './panels.js';
import {
  clicksOn,
  funnelVisitors,
  growth,
  interactions,
  interactionsByPage,
  interactionsByTarget,
  ofApps,
  rate,
  sum,
  valueByTarget,
} from './promql.js';
import { now, rows, series } from './query.js';

const dashed: DynamicConfigValue[] = [
  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
  { id: 'custom.fillOpacity', value: 0 },
  { id: 'color', value: { mode: 'fixed', fixedColor: 'text' } },
];

/** One of the buttons that a business lives on: how often, how fast, from where, and is that usual? */
function button(target: string): Row {
  const clicks = ofApps(interactions, ...clicksOn(target));
  const perSecond = sum(rate(clicks));
  // Four steps of 5 s: clicks a second, level enough to compare.
  const step = '5s';
  return {
    title: target,
    height: 8,
    columns: [
      column(
        4,
        stat(
          {
            title: `${target} today`,
            description: `Clicks on "${target}" since midnight, in the dashboard's time zone. Exact: no estimate at the edges. Shows another period only if an absolute time range is chosen.`,
            unit: 'locale',
          },
          now('A', sum(growth(ofApps(interactionsByTarget, ...clicksOn(target)))), { legend: target }),
        )
          .decimals(0)
          .timeFrom('now/d'),
        liveStat(
          {
            title: `${target} a second`,
            description: `Clicks on "${target}" a second, at this moment.`,
            unit: 'cps',
          },
          series('A', perSecond, { legend: target }),
        ),
      ),
      column(
        7,
        graph(
          {
            title: `${target}: clicks a second`,
            description: `Clicks on "${target}" a second, by app.`,
            unit: 'cps',
          },
          series('A', sum(rate(clicks), 'app'), { legend: '{{app}}' }),
        ),
      ),
      column(
        6,
        bars(
          {
            title: `${target}: pages`,
            description: `The pages on which "${target}" was clicked in the chosen time range, by their share of its clicks. At most eight.`,
            unit: 'percentunit',
          },
          now('A', share('page', clicks), { legend: '{{page}}' }),
        ).max(1),
      ),
      column(
        7,
        graph(
          {
            title: `${target}: now and before`,
            description: `Clicks on "${target}" a second, smoothed, beside those of the same moments earlier; how much earlier is chosen at the top.`,
            unit: 'cps',
          },
          series('A', perSecond, { legend: 'now', step }),
          series('B', sum(rate(clicks, '$compare')), { legend: '$compare before', step }),
        ).overrideByQuery('B', dashed),
      ),
    ],
  };
}

/** The eight largest parts of a whole; none while the whole is 0. */
function share(label: string, selector: string): string {
  const parts = sum(`increase(${selector}[$__range])`, label);
  return `topk(8, ${parts} / scalar(sum(increase(${selector}[$__range]))) > 0)`;
}

const ofStep = ['app', 'funnel', 'step'];
const stepName = '{{app}} {{funnel}}: {{step}}';
const reached = sum(growth(ofApps(funnelVisitors)), ...ofStep);

/** Fewer reach each step than the one before it, so by their number they stand in the funnel's order. */
const funnels: Row = {
  title: 'Funnels',
  height: 8,
  columns: [
    column(
      8,
      bars(
        {
          title: 'Visitors at each step',
          description:
            'How many visitors came how far in the chosen time range: each is counted at a step once an attempt, when the steps before it came in order. At most 24 steps.',
          unit: 'locale',
        },
        now('A', `topk(24, ${reached})`, { legend: stepName }),
      ).decimals(0),
    ),
    column(
      8,
      bars(
        {
          title: 'Conversion',
          description:
            'Visitors at each step in the chosen time range, as a share of those at the first. Those who are on their way at its edges are in it with a part of their way. At most 24 steps.',
          unit: 'percentunit',
        },
        now(
          'A',
          `topk(24, (${reached} > 0) / on (app, funnel) group_left () max by (app, funnel) (${reached}))`,
          { legend: stepName },
        ),
      ).max(1),
    ),
    column(
      8,
      graph(
        {
          title: 'Visitors at each step a minute',
          description: 'Visitors who reached each step, a minute.',
          unit: 'locale',
        },
        // Four steps of 15 s: who came in the minute before.
        series('A', `60 * ${sum(rate(ofApps(funnelVisitors)), ...ofStep)}`, { legend: stepName, step: '15s' }),
      ),
    ),
  ],
};

function onPages(type: string): string {
  return sum(growth(ofApps(interactionsByPage, `type="${type}"`, 'page!=""')), 'page');
}

const topPages = `topk(20, ${onPages('view')})`;

const everything: Row = {
  title: 'All interactions',
  height: 9,
  columns: [
    column(
      12,
      graph(
        {
          title: 'Interactions a second by type',
          description: 'Everything visitors do, a second: clicks, views, submits, changes, and types of your own.',
          unit: 'cps',
        },
        series('A', sum(rate(ofApps(interactionsByTarget)), 'type'), { legend: '{{type}}' }),
      ),
    ),
    column(
      12,
      table(
        {
          title: 'Targets',
          description:
            'What was clicked, submitted or changed: how often in the chosen time range, and how often a second at this moment. "(other)" holds what came after the cap on series.',
          unit: 'locale',
        },
        { app: 'App', type: 'Type', target: 'Target', 'Value #A': 'Total', 'Value #B': 'A second' },
        'Total',
        rows('A', sum(growth(ofApps(interactionsByTarget, 'target!=""')), 'app', 'type', 'target')),
        rows('B', sum(rate(ofApps(interactionsByTarget, 'target!=""')), 'app', 'type', 'target')),
      ).overrideByName('A second', [{ id: 'unit', value: 'cps' }]),
    ),
    column(
      12,
      table(
        {
          title: 'Top pages',
          description: 'The 20 most viewed pages of the chosen time range, with the clicks made on them.',
          unit: 'locale',
        },
        { page: 'Page', 'Value #A': 'Views', 'Value #B': 'Clicks' },
        'Views',
        rows('A', topPages),
        rows('B', `${onPages('click')} and on (page) ${topPages}`),
      ),
    ),
    column(
      12,
      graph(
        {
          title: 'Active visitors',
          description: 'Visitors who did something in the last 1, 5 and 30 minutes, over all metrics instances.',
          unit: 'locale',
        },
        series('A', sum(ofApps('footfall_active_visitors'), 'window'), { legend: '{{window}}' }),
      ).decimals(0),
    ),
  ],
};

const worth: Row = {
  title: 'Value',
  height: 8,
  columns: [
    column(
      6,
      stat(
        {
          title: 'Value today',
          description:
            'Sum of the value that interactions carried since midnight, in the dashboard\'s time zone: money, if that is what your site sends.',
          unit: 'locale',
        },
        now('A', sum(growth(ofApps(valueByTarget))), { legend: 'Value' }),
      )
        .decimals(2)
        .timeFrom('now/d'),
      stat(
        {
          title: 'Value in the chosen time',
          description: 'Sum of the value that interactions carried in the chosen time range.',
          unit: 'locale',
        },
        now('A', sum(growth(ofApps(valueByTarget))), { legend: 'Value' }),
      ).decimals(2),
    ),
    column(
      18,
      graph(
        {
          title: 'Value a minute',
          description: 'Sum of the value that interactions carried, a minute, by target.',
          unit: 'locale',
        },
        // Four steps of 15 s: what was earned in the minute before.
        series('A', `60 * ${sum(rate(ofApps(valueByTarget)), 'target')}`, { legend: '{{target}}', step: '15s' }),
      ),
    ),
  ],
};

export function interactionsDashboard(): Dashboard {
  const empty = board(
    'Footfall: interactions',
    'footfall-interactions',
    'What people do on the site, this second.',
  ).withVariable(compareVariable());
  return lay(empty, [button('Enroll Now'), button('Buy Now'), funnels, everything, worth]).build();
}
