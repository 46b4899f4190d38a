import type { Route, Service } from '../../kong/entities.js'
import { hasDotSegment } from '../../http/path.js'

/**
 * The path that the upstream gets (section 8.5): the service's base, then the request's path without what the route matched when
 * `strip_path` is on. Undefined when cutting would leave dot segments behind: nobody leaves the base that way (G-10).
 */
export function upstreamPath(service: Service, route: Route, path: string, matchedPath: string | undefined): string | undefined {
  const base = service.path ?? '/'
  const stripped = route.strip_path && matchedPath !== undefined
  const rest = stripped ? path.slice(matchedPath.length) : path
  const result = route.path_handling === 'v1' ? joinLiterally(base, rest) : join(base, rest, path)
  return hasDotSegment(result) ? undefined : result
}

/** v0: exactly one slash between base and rest; a request that ended in a slash keeps it. */
function join(base: string, rest: string, path: string): string {
  const trimmed = base.endsWith('/') ? base.slice(0, -1) : base
  if (rest === '') {
    if (trimmed === '') return '/'
    return path.length > 1 && path.endsWith('/') ? `${trimmed}/` : trimmed
  }
  if (rest.charCodeAt(0) === 47) return trimmed === '' ? rest : trimmed + rest
  return `${trimmed}/${rest}`
}

/** v1: base and rest are put together as they are. */
function joinLiterally(base: string, rest: string): string {
  const joined = base.endsWith('/') && rest.startsWith('/') ? base + rest.slice(1) : base + rest
  return joined.startsWith('/') ? joined : `/${joined}`
}
