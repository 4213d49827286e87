import {
  CustomVariableBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TimePickerBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { interactions } from './promql.js';
import { datasource } from './query.js';

/** What both dashboards share: live, the last 15 minutes, the data source and the apps to choose. */
export function board(title: string, uid: string, description: string): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['footfall'])
    .timezone('browser')
    .editable()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-15m', to: 'now' })
    .refresh('1s')
    .liveNow(true)
    .timepicker(new TimePickerBuilder().refreshIntervals(['1s', '5s', '10s', '30s', '1m', '5m', '15m']))
    .link({ build: otherDashboards })
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('app')
        .label('App')
        .datasource(datasource)
        .query({ query: `label_values(${interactions}, app)`, refId: 'app' })
        .definition(`label_values(${interactions}, app)`)
        .refresh(VariableRefresh.OnDashboardLoad)
        .sort(VariableSort.AlphabeticalAsc)
        .multi(true)
        .includeAll(true)
        .allValue('.*')
        .current({ selected: true, text: ['All'], value: ['$__all'] }),
    );
}

function otherDashboards(): DashboardLink {
  const link = new DashboardLinkBuilder('Footfall')
    .type(DashboardLinkType.Dashboards)
    .tags(['footfall'])
    .includeVars(true)
    .keepTime(true)
    .build();
  // The SDK's default hides the link in a menu.
  delete link.placement;
  return link;
}

/** How long ago the panels that compare look. */
export function compareVariable(): CustomVariableBuilder {
  return new CustomVariableBuilder('compare')
    .label('Compare with')
    .values('1h,1d,7d')
    .current({ selected: true, text: '1h', value: '1h' });
}
