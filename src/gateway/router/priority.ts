import type { RouteEntry } from './entry.js'

export type RouterFlavor = 'traditional_compatible' | 'traditional'

/**
 * The 64-bit priority of `traditional_compatible`: number of attributes (bits 61–63), only plain hosts (60), header conditions (52–59),
 * regex path (51), `regex_priority` (19–50), length of the prefix path (0–18). Larger goes first.
 */
export function priorityOf({ route, path, hosts, headers }: RouteEntry): bigint {
  const isRegex = path?.kind === 'regex'
  const field = (value: number, bits: number, shift: bigint): bigint => BigInt(Math.min(Math.max(value, 0), 2 ** bits - 1)) << shift
  return (
    field(countAttributes(route), 3, 61n) |
    field(hosts?.every(({ isWildcard }) => !isWildcard) ? 1 : 0, 1, 60n) |
    field(headers.length, 8, 52n) |
    field(isRegex ? 1 : 0, 1, 51n) |
    field(isRegex ? route.regex_priority : 0, 32, 19n) |
    field(path?.kind === 'prefix' ? path.prefix.length : 0, 19, 0n)
  )
}

const countAttributes = (route: RouteEntry['route']): number =>
  [route.methods, route.hosts, route.headers && Object.keys(route.headers), route.paths, route.snis].filter(
    (attribute) => attribute !== undefined && attribute.length > 0,
  ).length

/** U21: equal routes keep the order of the document. */
const byDocumentOrder = (a: RouteEntry, b: RouteEntry): number => a.route.order - b.route.order

const compatible = (a: RouteEntry, b: RouteEntry): number => {
  const difference = priorityOf(b) - priorityOf(a)
  return difference === 0n ? byDocumentOrder(a, b) : Number(difference > 0n) - Number(difference < 0n)
}

/** Number of attributes, then their kinds (host, headers, path, method, SNI), then the finer weights of section 8.4.3. */
const traditional = (a: RouteEntry, b: RouteEntry): number =>
  countAttributes(b.route) - countAttributes(a.route) ||
  kindWeight(b) - kindWeight(a) ||
  subWeight(b) - subWeight(a) ||
  b.headers.length - a.headers.length ||
  (a.path?.kind === 'regex' && b.path?.kind === 'regex' ? b.route.regex_priority - a.route.regex_priority : 0) ||
  prefixLength(b) - prefixLength(a) ||
  byDocumentOrder(a, b)

const kindWeight = ({ hosts, headers, path, methods, snis }: RouteEntry): number =>
  (hosts ? 16 : 0) + (headers.length > 0 ? 8 : 0) + (path ? 4 : 0) + (methods ? 2 : 0) + (snis ? 1 : 0)

const subWeight = ({ hosts, path }: RouteEntry): number =>
  (hosts?.some(({ isWildcard, port }) => isWildcard && port !== undefined) ? 4 : 0) +
  (hosts?.every(({ isWildcard }) => !isWildcard) ? 2 : 0) +
  (path?.kind === 'regex' ? 1 : 0)

const prefixLength = ({ path }: RouteEntry): number => (path?.kind === 'prefix' ? path.prefix.length : 0)

/** Entries in the order in which they are tried. */
export const sortEntries = (entries: readonly RouteEntry[], flavor: RouterFlavor): RouteEntry[] =>
  entries.toSorted(flavor === 'traditional' ? traditional : compatible)
