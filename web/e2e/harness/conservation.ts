import { expect } from 'vitest'
import { scrape, sumOf } from './exposition'
import type { Footfall } from './footfall'
import { until } from './until'

const ENDS = [
  'footfall_log_counted_total',
  'footfall_log_duplicates_total',
  'footfall_log_unreadable_total',
  'footfall_log_missed_total',
  'footfall_log_lag',
]

/** Nothing is lost and nothing is made up, in each scrape and for each app and partition. */
export async function expectConservation(footfall: Footfall): Promise<void> {
  const collector = await scrape(`${footfall.collector}/metrics`)
  for (const { labels, value: received } of collector.filter(({ name }) => name === 'footfall_received_total')) {
    const accepted = sumOf(collector, 'footfall_accepted_total', labels)
    const rejected = sumOf(collector, 'footfall_rejected_total', labels)
    const bots = sumOf(collector, 'footfall_bots_total', labels)
    const inFlight = sumOf(collector, 'footfall_in_flight', labels)
    expect(received, `received by ${labels['app']}`).toBe(accepted + rejected + bots + inFlight)
  }

  const partitions = async () => {
    const metrics = await scrape(`${footfall.metrics}/metrics`)
    const written = metrics.filter(({ name }) => name === 'footfall_log_written_total')
    expect(written.length).toBe(footfall.log === 'kafka' ? 6 : 1)
    for (const { labels, value } of written) {
      const accounted = ENDS.reduce((sum, name) => sum + sumOf(metrics, name, labels), 0)
      expect(accounted, `partition ${labels['partition']}`).toBe(value)
    }
    return metrics
  }
  await partitions()
  await until('everything written is counted and shown', async () => {
    const samples = await partitions()
    const sum = (name: string) => sumOf(samples, name)
    // Neither may happen here, whatever else a test does.
    expect(sum('footfall_log_unreadable_total') + sum('footfall_log_missed_total')).toBe(0)
    return sum('footfall_log_lag') === 0 && sum('footfall_interactions_total') === sum('footfall_log_counted_total')
  })
}
