const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' })

/** `€39`, and `€24.50` where there are cents. */
export function formatPrice(price: number): string {
  return euros.format(price).replace('.00', '')
}

/** Added up in cents, where sums are exact. */
export function totalOf(lines: readonly { price: number; seats: number }[]): number {
  return lines.reduce((cents, { price, seats }) => cents + Math.round(price * 100) * seats, 0) / 100
}

/** `1 h 50 min` */
export function formatMinutes(minutes: number): string {
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  return [hours && `${hours} h`, rest && `${rest} min`].filter(Boolean).join(' ')
}
