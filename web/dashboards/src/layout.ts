import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { type DashboardBuilder, type GridPos, type Panel, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

/** Grafana's grid is this wide. */
const gridWidth = 24;

interface PlacedBuilder extends Builder<Panel> {
  id(id: number): this;
  gridPos(position: GridPos): this;
}

/** Panels above each other in one column; they share its height. */
export interface Column {
  width: number;
  panels: PlacedBuilder[];
}

export interface Row {
  title: string;
  height: number;
  columns: Column[];
}

export function column(width: number, ...panels: PlacedBuilder[]): Column {
  return { width, panels };
}

/** Lays rows from top to bottom, their columns from left to right, and numbers the panels. */
export function lay(dashboard: DashboardBuilder, rows: Row[]): DashboardBuilder {
  let id = 1;
  let y = 0;
  for (const row of rows) {
    dashboard.withRow(new RowBuilder(row.title).id(id++).gridPos({ x: 0, y: y++, w: gridWidth, h: 1 }));
    let x = 0;
    for (const { width, panels } of row.columns) {
      if (x + width > gridWidth) {
        x = 0;
        y += row.height;
      }
      const h = row.height / panels.length;
      for (const [index, panel] of panels.entries()) {
        dashboard.withPanel(panel.id(id++).gridPos({ x, y: y + index * h, w: width, h }));
      }
      x += width;
    }
    y += row.height;
  }
  return dashboard;
}
