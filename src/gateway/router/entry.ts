import { OidcgwError } from '../../errors.js'
import type { Route } from '../../kong/entities.js'
import type { GatewayRequest } from '../request.js'

/** One route with at most one of its paths: the unit that is ranked and matched. */
export interface RouteEntry {
  readonly route: Route
  readonly path: PathPattern | undefined
  readonly hosts: readonly HostPattern[] | undefined
  readonly methods: ReadonlySet<string> | undefined
  readonly headers: readonly HeaderPattern[]
  readonly snis: ReadonlySet<string> | undefined
}

export type PathPattern = { readonly kind: 'prefix'; readonly prefix: string } | { readonly kind: 'regex'; readonly regex: RegExp }

export interface HostPattern {
  readonly text: string
  readonly isWildcard: boolean
  readonly port: number | undefined
  readonly matches: (host: string, port: number) => boolean
}

export interface HeaderPattern {
  readonly name: string
  readonly matches: (value: string) => boolean
}

/** The entries of a route: one for each path, or a single one without. */
export function toEntries(route: Route): RouteEntry[] {
  const shared = {
    route,
    hosts: route.hosts?.map(toHostPattern),
    methods: route.methods && new Set(route.methods),
    headers: Object.entries(route.headers ?? {}).map(([name, values]) => toHeaderPattern(route, name, values)),
    snis: route.snis && new Set(route.snis.map((sni) => sni.toLowerCase().replace(/\.$/, ''))),
  }
  if (!route.paths || route.paths.length === 0) return [{ ...shared, path: undefined }]
  return route.paths.map((path) => ({ ...shared, path: toPathPattern(route, path) }))
}

/** A leading `~` makes a path a regular expression, anchored at the start only. */
function toPathPattern(route: Route, path: string): PathPattern {
  if (!path.startsWith('~')) return { kind: 'prefix', prefix: path }
  return { kind: 'regex', regex: compile(route, `^(?:${path.slice(1)})`, path) }
}

/** Host names compare without case, and without port unless the pattern has one (section 8.4). */
function toHostPattern(text: string): HostPattern {
  const [, name = '', digits] = /^(.*?)(?::(\d+))?$/.exec(text.toLowerCase()) ?? []
  const port = digits === undefined ? undefined : Number(digits)
  const fits = (actual: number) => port === undefined || port === actual
  if (name.startsWith('*'))
    return { text: name, isWildcard: true, port, matches: (host, at) => fits(at) && isLonger(host, name) && host.endsWith(name.slice(1)) }
  if (name.endsWith('*'))
    return {
      text: name,
      isWildcard: true,
      port,
      matches: (host, at) => fits(at) && isLonger(host, name) && host.startsWith(name.slice(0, -1)),
    }
  return { text: name, isWildcard: false, port, matches: (host, at) => fits(at) && host === name }
}

/** The star stands for at least one character. */
const isLonger = (host: string, pattern: string): boolean => host.length >= pattern.length

/** Values are alternatives, compared without case; a single value that starts with `~*` is a regular expression. */
function toHeaderPattern(route: Route, name: string, values: readonly string[]): HeaderPattern {
  const [first = ''] = values
  if (values.length === 1 && first.startsWith('~*')) {
    const regex = compile(route, first.slice(2), first, 'i')
    return { name: name.toLowerCase(), matches: (value) => regex.test(value) }
  }
  const wanted = new Set(values.map((value) => value.toLowerCase()))
  return {
    name: name.toLowerCase(),
    matches: (value) => wanted.has(value.toLowerCase()) || value.split(', ').some((one) => wanted.has(one.toLowerCase())),
  }
}

/** PCRE's `(?P<name>` and a leading `(?i)` are the two spellings that Kong files use and JavaScript lacks. */
function compile(route: Route, source: string, shown: string, flags = ''): RegExp {
  const isCaseless = /^(\^\(\?:)?\(\?i\)/.test(source)
  try {
    return new RegExp(source.replace(/^(\^\(\?:)?\(\?i\)/, '$1').replaceAll('(?P<', '(?<'), flags || (isCaseless ? 'i' : ''))
  } catch (cause) {
    throw new OidcgwError('ERR_CONFIG_INVALID', `route ${route.name ?? route.id}: "${shown}" is no regular expression that runs here`, {
      cause,
    })
  }
}

/** Whether everything but the path and the protocol of an entry holds. Server names are only asked of TLS connections. */
export function fitsRequest(entry: RouteEntry, request: GatewayRequest): boolean {
  if (entry.methods && !entry.methods.has(request.method)) return false
  if (entry.hosts && !entry.hosts.some((host) => host.matches(request.host, request.port))) return false
  for (const { name, matches } of entry.headers) {
    const value = request.headers[name]
    if (value === undefined || !matches(value)) return false
  }
  return !entry.snis || request.scheme === 'http' || (request.sni !== undefined && entry.snis.has(request.sni))
}
