import type { Route } from '../../kong/entities.js'
import type { GatewayRequest } from '../request.js'
import { fitsRequest, toEntries, type RouteEntry } from './entry.js'
import { sortEntries, type RouterFlavor } from './priority.js'

export interface RouteMatch {
  readonly route: Route
  /** The matched part of the path: the prefix, or what the regular expression matched. Undefined for a route without paths. */
  readonly matchedPath: string | undefined
  /** Captures of a regex path, by position (0 is the whole match) and by name. */
  readonly captures: Readonly<Record<string, string | undefined>> | undefined
}

/** `https_required`: only the protocol was wrong (426 or a redirect). */
export type Routing =
  ({ readonly kind: 'matched' } & RouteMatch) | ({ readonly kind: 'https_required' } & RouteMatch) | { readonly kind: 'none' }

export interface Router {
  match(request: GatewayRequest): Routing
}

interface Ranked extends RouteEntry {
  /** Position in the order of trying; smaller goes first. */
  readonly rank: number
}

const NONE: Routing = { kind: 'none' }

/**
 * Prepares routes for matching (section 8.4). Entries are ranked once; at run time prefixes are looked up by length in a map, so the cost
 * grows with the number of *distinct prefix lengths*, not of routes.
 */
export function createRouter(routes: readonly Route[], flavor: RouterFlavor = 'traditional_compatible'): Router {
  const entries = sortEntries(routes.flatMap(toEntries), flavor).map((entry, rank): Ranked => ({ ...entry, rank }))
  const anyHost = new PathIndex()
  const byHost = new Map<string, PathIndex>()
  for (const entry of entries) {
    if (!entry.hosts || entry.hosts.some(({ isWildcard }) => isWildcard)) anyHost.add(entry)
    else for (const name of new Set(entry.hosts.map(({ text }) => text))) indexFor(byHost, name).add(entry)
  }
  return {
    match(request) {
      const search = new Search(request)
      const ofHost = byHost.get(request.host)
      if (ofHost) ofHost.search(search)
      anyHost.search(search)
      return search.result()
    },
  }
}

function indexFor(map: Map<string, PathIndex>, host: string): PathIndex {
  let index = map.get(host)
  if (!index) map.set(host, (index = new PathIndex()))
  return index
}

/** Entries of one group of hosts, in ascending rank within every list. */
class PathIndex {
  readonly #byPrefix = new Map<string, Ranked[]>()
  #lengths: readonly number[] = []
  readonly #others: Ranked[] = []

  add(entry: Ranked): void {
    if (entry.path?.kind !== 'prefix') {
      this.#others.push(entry)
      return
    }
    const { prefix } = entry.path
    const list = this.#byPrefix.get(prefix)
    if (list) list.push(entry)
    else this.#byPrefix.set(prefix, [entry])
    if (!this.#lengths.includes(prefix.length)) this.#lengths = [...this.#lengths, prefix.length].toSorted((a, b) => b - a)
  }

  search(search: Search): void {
    const { path } = search.request
    for (const length of this.#lengths) {
      if (length > path.length) continue
      const list = this.#byPrefix.get(length === path.length ? path : path.slice(0, length))
      if (list) for (const entry of list) if (search.consider(entry)) break
    }
    for (const entry of this.#others) if (search.consider(entry)) break
  }
}

/** The best entry so far for one request, and the best that would only need https. */
class Search {
  readonly request: GatewayRequest
  #best: Ranked | undefined
  #secure: Ranked | undefined

  constructor(request: GatewayRequest) {
    this.request = request
  }

  /** @returns true when no later entry of an ascending list can be better. */
  consider(entry: Ranked): boolean {
    if (this.#best && this.#best.rank < entry.rank) return true
    if (!fitsRequest(entry, this.request)) return false
    if (entry.path?.kind === 'regex' && !entry.path.regex.test(this.request.path)) return false
    const { protocols } = entry.route
    if (protocols.includes(this.request.scheme)) {
      this.#best = entry
      return true
    }
    const needsHttps = this.request.scheme === 'http' && protocols.includes('https')
    if (needsHttps && (!this.#secure || entry.rank < this.#secure.rank)) this.#secure = entry
    return false
  }

  result(): Routing {
    const entry = this.#best ?? this.#secure
    if (!entry) return NONE
    const kind = this.#best ? 'matched' : 'https_required'
    const { route, path } = entry
    if (path?.kind !== 'regex') return { kind, route, matchedPath: path?.prefix, captures: undefined }
    const found = path.regex.exec(this.request.path)
    return { kind, route, matchedPath: found?.[0], captures: found ? capturesOf(found) : undefined }
  }
}

const capturesOf = (found: RegExpExecArray): Record<string, string | undefined> => ({
  ...Object.fromEntries(found.entries()),
  ...found.groups,
})
