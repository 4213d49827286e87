import 'uplot/dist/uPlot.min.css'
import { Page } from './page'

// In the order of the page: what comes in (live, state, feed, series), what is looked at (url), what is drawn (frame, then
// now, tiles, chart, legend, stream, funnel, table, health). page.ts puts them together.
new Page().start()
