import type { Protocol, Route } from '../entities.js'
import type { Found } from './collect.js'
import { asList, asText, parentId, type Reading } from './reading.js'

const REDIRECT_CODES = [301, 302, 307, 308, 426]
/** Kong before 3.0 took any path with other characters for a regular expression. */
const PLAIN_PATH = /^[\w.\-~/%]*$/

/** @param skipped services that were left out; their routes go with them. */
export function readRoutes(reading: Reading, ids: Map<Found, string>, services: ReadonlySet<string>): readonly Route[] {
  const routes: Route[] = []
  const { entities, formatVersion, selectTags } = reading.collected
  for (const [order, found] of entities.routes.entries()) {
    const fields = reading.read(found)
    const name = asText(fields['name'])
    const service = parentId(found, 'services', ids) ?? reading.refer(found, 'service', 'services')
    const key = name ?? JSON.stringify([service, fields['methods'], fields['hosts'], fields['paths'], fields['headers'], fields['snis']])
    const id = reading.register(found, key, name)
    ids.set(found, id)
    checkRoute(fields, found, reading)
    if (service !== undefined && !services.has(service)) continue
    const paths = asOptionalList(fields['paths'])
    routes.push({
      id,
      tags: [...asList(fields['tags']), ...selectTags],
      name,
      service,
      protocols: fields['protocols'] as readonly Protocol[],
      methods: asOptionalList(fields['methods']),
      hosts: asOptionalList(fields['hosts']),
      paths: formatVersion === '3.0' ? paths : paths?.map((path) => (PLAIN_PATH.test(path) ? path : `~${path}`)),
      headers: (fields['headers'] as Route['headers'] | null) ?? undefined,
      snis: asOptionalList(fields['snis']),
      strip_path: fields['strip_path'] as boolean,
      preserve_host: fields['preserve_host'] as boolean,
      regex_priority: fields['regex_priority'] as number,
      path_handling: fields['path_handling'] as Route['path_handling'],
      https_redirect_status_code: fields['https_redirect_status_code'] as Route['https_redirect_status_code'],
      order,
    })
  }
  return routes
}

const asOptionalList = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.length > 0 ? (value as readonly string[]) : undefined

function checkRoute(fields: Readonly<Record<string, unknown>>, { place, value }: Found, { report, collected }: Reading): void {
  const tell = (trail: readonly PropertyKey[], message: string, advice?: string) =>
    report.add(place, trail, { id: 'invalid-route', severity: 'error', message, advice })
  const protocols = asList(fields['protocols'])
  const isHttp = protocols.some((protocol) => protocol === 'http' || protocol === 'https' || protocol.startsWith('grpc'))
  const attributes = ['methods', 'hosts', 'headers', 'paths', ...(protocols.includes('http') ? [] : ['snis'])]
  if (isHttp && attributes.every((name) => isEmpty(fields[name]))) {
    if (value['expression'] !== undefined) {
      report.add(place, ['expression'], {
        id: 'not-imitated',
        severity: 'warning',
        message: 'expressions are not imitated: this route never matches',
      })
    } else tell([], `a route needs at least one of ${attributes.join(', ')}`, 'write paths: ["/orders"]')
  }
  if (protocols.length > 0 && !protocols.some((protocol) => protocol === 'http' || protocol === 'https')) {
    report.add(place, ['protocols'], {
      id: 'not-imitated',
      severity: 'warning',
      message: `routes over ${protocols.join(', ')} are not imitated: this one never matches`,
    })
  }
  if (!REDIRECT_CODES.includes(fields['https_redirect_status_code'] as number)) {
    tell(['https_redirect_status_code'], `${String(fields['https_redirect_status_code'])} is not one of ${REDIRECT_CODES.join(', ')}`)
  }
  asList(fields['paths']).forEach((path, index) => {
    const problem = pathProblem(path, collected.formatVersion)
    if (problem !== undefined) tell(['paths', index], problem.message, problem.advice)
  })
  asList(fields['methods']).forEach((method, index) => {
    if (!/^[A-Z]+$/.test(method)) tell(['methods', index], `"${method}" is no method in capital letters`, `write ${method.toUpperCase()}`)
  })
  asList(fields['hosts']).forEach((host, index) => {
    if (!isHostPattern(host))
      tell(['hosts', index], `"${host}" is no host`, 'a wildcard may only be the first or the last label: *.example.com, example.*')
  })
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0
}

function pathProblem(path: string, formatVersion: string): { readonly message: string; readonly advice?: string } | undefined {
  const isRegex = path.startsWith('~') || (formatVersion !== '3.0' && !PLAIN_PATH.test(path))
  if (!path.startsWith('/') && !path.startsWith('~/')) {
    return { message: `path "${path}" does not begin with / or ~/`, advice: `write "/${path.replace(/^~/, '')}"` }
  }
  if (!isRegex) return undefined
  try {
    // Kong's expressions name a group (?P<name>…), ours (?<name>…)
    new RegExp(path.replace(/^~/, '').replaceAll('(?P<', '(?<'))
    return undefined
  } catch (error) {
    return { message: `path "${path}" is no regular expression: ${(error as Error).message.split(': ').at(-1) ?? 'it cannot be read'}` }
  }
}

function isHostPattern(host: string): boolean {
  const [name = '', port, ...rest] = /^\[.*\]/.test(host) ? [host] : host.split(':')
  if (rest.length > 0 || (port !== undefined && !/^\d{1,5}$/.test(port))) return false
  if (!name.includes('*')) return /^[\w.\-[\]:]+$/.test(name)
  return /^\*\.[\w.-]+$/.test(name) || /^[\w.-]+\.\*$/.test(name)
}
