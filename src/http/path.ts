/** The one path of a request, still percent-encoded where it must be. Only {@link normalisePath} makes one. */
export type RequestPath = string & { readonly __brand: 'RequestPath' }

export type Target =
  | { readonly ok: true; readonly path: RequestPath; readonly query: string }
  /** `why` is for the trace and the log, never for the client. */
  | { readonly ok: false; readonly why: string }

/** Nothing to decode, no dot, no double slash, no parameter: the path already is its own normal form. */
const NEEDS_WORK = /[^A-Za-z0-9_~!$&'()*+,=:@/-]|\/\//
const UNRESERVED = /[A-Za-z0-9\-._~]/
/** RFC 3986 §3.3 `pchar` and the slash; everything else is sent percent-encoded. */
const PATH_CHARACTER = /[A-Za-z0-9\-._~!$&'()*+,;=:@/]/
/** Slash, backslash, NUL and other controls: two layers would read these escapes differently (G-44, G-51). */
const AMBIGUOUS_ESCAPE = /^(?:2F|5C|7F|[01][0-9A-F])$/
/** Octets that no request target has (RFC 9112 §3.2): controls and the space. */
// eslint-disable-next-line no-control-regex
const NOT_A_TARGET = /[\u0000-\u0020\u007f]/

/**
 * Splits an origin-form request target into its normalised path and its raw query (RFC 9112 §3.2.1, RFC 3986 §6.2.2).
 *
 * Unreserved escapes are decoded once, other escapes get upper-case digits, slashes are merged, dot segments removed: what the router judges
 * is what the upstream gets. A fragment is cut off. Refused: other target forms, broken escapes, encoded slashes, backslashes and controls,
 * and dot segments with parameters (`/..;/`), because the next layer may read them in another way.
 */
export function parseTarget(target: string): Target {
  if (target.charCodeAt(0) !== 47) return { ok: false, why: 'the request target is not in origin form' }
  const fragment = target.indexOf('#')
  const whole = fragment < 0 ? target : target.slice(0, fragment)
  const mark = whole.indexOf('?')
  const query = mark < 0 ? '' : whole.slice(mark + 1)
  if (query !== '' && NOT_A_TARGET.test(query)) return { ok: false, why: 'the query holds a control character or a space' }
  return normalise(mark < 0 ? whole : whole.slice(0, mark), query)
}

/** {@link parseTarget} for a path alone; undefined when it is refused. */
export function normalisePath(path: string): RequestPath | undefined {
  const target = parseTarget(path)
  return target.ok ? target.path : undefined
}

function normalise(path: string, query: string): Target {
  if (!NEEDS_WORK.test(path)) return { ok: true, path: path as RequestPath, query }
  let decoded = ''
  for (let index = 0; index < path.length; index++) {
    const character = path.charAt(index)
    if (character === '%') {
      const digits = path.slice(index + 1, index + 3).toUpperCase()
      if (!/^[0-9A-F]{2}$/.test(digits)) return { ok: false, why: 'the path holds a broken percent escape' }
      if (AMBIGUOUS_ESCAPE.test(digits)) return { ok: false, why: `the path holds the ambiguous escape %${digits}` }
      const meant = String.fromCharCode(Number.parseInt(digits, 16))
      decoded += UNRESERVED.test(meant) ? meant : `%${digits}`
      index += 2
    } else if (character === '\\' || NOT_A_TARGET.test(character)) {
      return { ok: false, why: 'the path holds a backslash or a control character' }
    } else {
      decoded += PATH_CHARACTER.test(character) ? character : escapeOctets(character)
    }
  }
  const segments: string[] = []
  const parts = decoded.split('/')
  for (const [index, segment] of parts.entries()) {
    const isLast = index === parts.length - 1
    if (isDisguisedDotSegment(segment)) return { ok: false, why: 'the path holds a dot segment with parameters' }
    if (segment === '..') segments.pop()
    else if (segment !== '.' && segment !== '') segments.push(segment)
    if (isLast && (segment === '' || segment === '.' || segment === '..')) segments.push('')
  }
  return { ok: true, path: `/${segments.join('/')}` as RequestPath, query }
}

/** `..;x`: removed by servlet containers after the parameters are gone, kept by everybody else (G-45). */
const isDisguisedDotSegment = (segment: string): boolean => /^\.{1,2};/.test(segment)

/** True when a path has dot segments, plain or disguised: never the case for a {@link RequestPath}, perhaps after cutting or joining. */
export const hasDotSegment = (path: string): boolean => path.includes('/.') && /\/\.{1,2}(?:[/;]|$)/.test(path)

/** Octets that node hands over as Latin-1 characters; characters beyond are written as UTF-8. */
function escapeOctets(character: string): string {
  const octets = Buffer.from(character, character.charCodeAt(0) > 0xff ? 'utf8' : 'latin1')
  return Array.from(octets, (octet) => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}
