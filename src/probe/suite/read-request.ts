import { resolve } from 'node:path'
import { parseCurl } from '../import/curl.js'
import type { BodyTemplate, RequestTemplate } from './suite.js'
import { METHODS, type WrittenCase } from './case-schema.js'
import type { ReportProblem } from './problems.js'
import type { SuitePlace } from './place.js'
import type { WrittenShared } from './suite-schema.js'

type Pair = readonly [name: string, value: string]

export interface ReadRequest {
  readonly request: RequestTemplate
  readonly follow: number
  readonly timeoutMs?: number
}

const DEFAULT_HEADERS: readonly Pair[] = [
  ['user-agent', 'oidcgw'],
  ['accept', '*/*'],
]

/** The request of a case: its line, the suite's headers under its own, one body. Undefined with the problem noted. */
export function readRequest(
  written: Partial<WrittenCase>,
  suite: Partial<WrittenShared>,
  { at, folder }: Pick<SuitePlace, 'at' | 'folder'>,
): ReadRequest | undefined {
  const base = readLine(written, at)
  if (!base) return undefined
  const { request } = base
  if (!/^(https?:\/\/|\/|\$\{)/.test(request.target)) {
    at([], 'invalid-value', `"${request.target}" is neither a /path nor an http(s) URL`)
    return undefined
  }
  const accept: readonly Pair[] = [written.accept ?? suite.accept].flatMap((value): Pair[] =>
    value === undefined ? [] : [['accept', value]],
  )
  const body = rooted(bodyOf(written) ?? request.body, folder)
  const headers = layered(DEFAULT_HEADERS, typeOf(body), suite.headers ?? [], accept, request.headers, written.headers ?? [])
  return {
    ...base,
    request: { ...request, headers, query: written.query ?? [], cookies: written.cookies ?? [], ...(body && { body }) },
  }
}

function readLine(written: Partial<WrittenCase>, at: ReportProblem): ReadRequest | undefined {
  const plain = (method: string, target: string, headers: readonly Pair[] = []): ReadRequest => {
    return { request: { method, target, headers, query: [], cookies: [] }, follow: 0 }
  }
  if (written.curl !== undefined) {
    try {
      return parseCurl(written.curl)
    } catch (error) {
      at(['curl'], 'invalid-value', `no curl command: ${(error as Error).message}`)
      return undefined
    }
  }
  if (written.preflight) {
    const { path, origin, method, headers } = written.preflight
    return plain('OPTIONS', path, [
      ['origin', origin],
      ['access-control-request-method', method],
      ...(headers ? ([['access-control-request-headers', headers.join(', ')]] as const) : []),
    ])
  }
  if (written.path !== undefined) return plain((written.method ?? 'GET').toUpperCase(), written.path)
  const method = METHODS.find((name) => written[name] !== undefined)
  return method && plain(method.toUpperCase(), written[method] as string)
}

function bodyOf(written: Partial<WrittenCase>): BodyTemplate | undefined {
  if (written.json !== undefined) return { kind: 'json', value: written.json }
  if (written.form) return { kind: 'form', fields: written.form }
  if (written.multipart) {
    const parts = written.multipart.map(({ name, value, file, type }) => {
      return { name, ...(value !== undefined && { value }), ...(file !== undefined && { file }), ...(type !== undefined && { type }) }
    })
    return { kind: 'multipart', parts }
  }
  if (written.body !== undefined) return { kind: 'raw', text: written.body }
  return written.file === undefined ? undefined : { kind: 'file', path: written.file }
}

/** Files of a body are relative to the suite's own. */
export function rooted(body: BodyTemplate | undefined, folder: string): BodyTemplate | undefined {
  if (body?.kind === 'file') return { ...body, path: resolve(folder, body.path) }
  if (body?.kind !== 'multipart') return body
  return { ...body, parts: body.parts.map((part) => (part.file === undefined ? part : { ...part, file: resolve(folder, part.file) })) }
}

/** Multipart names its boundary when it is made. */
function typeOf(body: BodyTemplate | undefined): readonly Pair[] {
  if (body?.kind === 'json') return [['content-type', 'application/json']]
  if (body?.kind === 'form') return [['content-type', 'application/x-www-form-urlencoded']]
  return []
}

/** Later layers replace earlier fields of the same name; within a layer a name may come twice. */
function layered(...layers: readonly (readonly Pair[])[]): Pair[] {
  return layers.reduce<Pair[]>((under, layer) => {
    const names = new Set(layer.map(([name]) => name.toLowerCase()))
    return [...under.filter(([name]) => !names.has(name.toLowerCase())), ...layer]
  }, [])
}
