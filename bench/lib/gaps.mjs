// @ts-check
// The time between two queries of a payment.

/**
 * The longest time in which each payment was not asked about, in milliseconds: between two queries
 * of which the second came between `from` and `to`, and from the last query before `to` until then.
 * @param {import("./gateways.mjs").Gateway} gateway
 * @param {Iterable<string>} orders whose first query counts from their order on
 * @param {number} from @param {number} to
 */
export function longestGaps(gateway, orders, from, to) {
  return [...orders].map((order) => {
    const [orderedAt] = gateway.arrivals("order", order);
    const times = [orderedAt, ...gateway.arrivals("query", order)].filter((at) => at <= to);
    const gaps = times.slice(1).map((at, before) => (at > from ? at - times[before] : 0));
    return Math.max(to - times[times.length - 1], ...gaps);
  });
}

/** How many queries arrived between `from` and `to`. @param {import("./gateways.mjs").Gateway} gateway @param {number} from @param {number} to */
export function queriesBetween(gateway, from, to) {
  let count = 0;
  for (const times of gateway.calls.query.values()) count += times.filter((at) => at > from && at <= to).length;
  return count;
}
