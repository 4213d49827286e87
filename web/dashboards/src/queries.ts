// Prints every query of every panel, for whoever wants to run them against a Prometheus.
import { dashboards } from './dashboards.js';
import { queriesOf } from './panel-queries.js';

console.log(JSON.stringify(Object.values(dashboards()).flatMap(queriesOf), null, 2));
