import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BigValueColorMode,
  BigValueGraphMode,
  GraphGradientMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TableCellHeight,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as BarsBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as GraphBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { datasource } from './query.js';

type Query = Builder<Dataquery>;

/** What every panel has to say of itself. */
export interface About {
  title: string;
  description: string;
  unit: string;
}

export function graph({ title, description, unit }: About, ...targets: Query[]): GraphBuilder {
  return new GraphBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .targets(targets)
    .unit(unit)
    .min(0)
    .lineWidth(1)
    .fillOpacity(10)
    .gradientMode(GraphGradientMode.Opacity)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
}

export function stat({ title, description, unit }: About, ...targets: Query[]): StatBuilder {
  return new StatBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .targets(targets)
    .unit(unit)
    .noValue('0')
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(levels(['blue', null]))
    .reduceOptions(lastValue());
}

/** A stat with its past under it; its queries are over the range. */
export function liveStat(about: About, ...targets: Query[]): StatBuilder {
  return stat(about, ...targets).graphMode(BigValueGraphMode.Area);
}

export function bars({ title, description, unit }: About, ...targets: Query[]): BarsBuilder {
  return new BarsBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .targets(targets)
    .unit(unit)
    .min(0)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Gradient)
    .namePlacement(BarGaugeNamePlacement.Left)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.ContinuousBlPu))
    .reduceOptions(lastValue());
}

/** A table whose columns are named in the order they stand in; what is not named is hidden. */
export function table(
  { title, description, unit }: About,
  columns: Record<string, string>,
  sortBy: string,
  ...targets: Query[]
): TableBuilder {
  const fields = Object.keys(columns);
  return new TableBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .targets(targets)
    .unit(unit)
    .cellHeight(TableCellHeight.Sm)
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(true)])
    .transformations([
      { id: 'merge', options: {} },
      { id: 'filterFieldsByName', options: { include: { names: fields } } },
      {
        id: 'organize',
        options: {
          indexByName: Object.fromEntries(fields.map((field, index) => [field, index])),
          renameByName: columns,
        },
      },
    ]);
}

/** When something was up (1) and when it was not (0). */
export function timeline({ title, description, unit }: About, ...targets: Query[]): TimelineBuilder {
  return new TimelineBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .targets(targets)
    .unit(unit)
    .showValue(VisibilityMode.Never)
    .rowHeight(0.8)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(levels(['red', null], ['green', 1]))
    .mappings([
      {
        type: MappingType.ValueToText,
        options: { '0': { text: 'down', color: 'red' }, '1': { text: 'up', color: 'green' } },
      },
    ]);
}

/** Colours from a value upward; the first has no lower end. */
export function levels(...steps: [color: string, from: number | null][]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(steps.map(([color, value]): Threshold => ({ color, value })));
}

function lastValue(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);
}
