import { parseCookies } from '../../../http/cookies.js'
import type { GatewayRequest } from '../../request.js'
import type { CredentialSource } from './types.js'

/** Where an argument may be looked for, in the order in which it is looked for. */
export const PLACES = ['header', 'query', 'body', 'cookie'] as const
export type Place = (typeof PLACES)[number]

export interface Argument {
  readonly value: string
  readonly source: CredentialSource
}

/** A header field by a name that may be written with `_` for `-` (`refresh_token` finds `Refresh-Token`). */
export function headerArgument({ headers }: GatewayRequest, name: string): string | undefined {
  const lower = name.toLowerCase()
  return headers[lower.replace(/_/g, '-')] ?? headers[lower]
}

/** Every field of that name as received: repeated `Authorization` lines are told apart, not joined (G-36). */
export function headerFields({ headers, rawHeaders }: GatewayRequest, name: string): readonly string[] {
  const joined = headers[name]
  if (joined === undefined) return []
  if (!joined.includes(',')) return [joined]
  const fields: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) fields.push(rawHeaders[index + 1] ?? '')
  }
  return fields.length > 0 ? fields : [joined]
}

/** Every value of a query argument. */
export function queryArguments({ query }: GatewayRequest, name: string): readonly string[] {
  return query.includes(name) || query.includes('%') ? new URLSearchParams(query).getAll(name) : []
}

export const cookieArgument = ({ headers }: GatewayRequest, name: string): string | undefined => parseCookies(headers['cookie'])[name]

type BodyArguments = (name: string) => readonly string[]

const NOTHING: BodyArguments = () => []
const bodies = new WeakMap<GatewayRequest, Promise<BodyArguments>>()

/** Whether a body could hold arguments at all; others are never read. */
export const bodyKind = ({ headers }: GatewayRequest): 'form' | 'json' | undefined => {
  if (headers['content-length'] === '0' || (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined))
    return undefined
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'application/x-www-form-urlencoded') return 'form'
  return type === 'application/json' ? 'json' : undefined
}

/** Reads arguments of a form or JSON body; read and parsed once. A JSON `null` counts as absent, other bodies have none. */
export function bodyArguments(request: GatewayRequest): Promise<BodyArguments> | BodyArguments {
  const kind = bodyKind(request)
  if (!kind) return NOTHING
  let reading = bodies.get(request)
  if (!reading) bodies.set(request, (reading = readBody(request, kind)))
  return reading
}

async function readBody(request: GatewayRequest, kind: 'form' | 'json'): Promise<BodyArguments> {
  const text = (await request.body())?.toString('utf8')
  if (!text) return NOTHING
  if (kind === 'form') {
    const form = new URLSearchParams(text)
    return (name) => form.getAll(name)
  }
  const json = parseObject(text)
  return (name) => (json && Object.hasOwn(json, name) && typeof json[name] === 'string' ? [json[name]] : [])
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** The first value of an argument in the listed places: header, then query, then body. */
export async function findArgument(request: GatewayRequest, name: string, places: readonly Place[]): Promise<Argument | undefined> {
  if (places.includes('header')) {
    const value = headerArgument(request, name)
    if (value) return { value, source: { in: 'header', name } }
  }
  if (places.includes('query')) {
    const value = queryArguments(request, name)[0]
    if (value) return { value, source: { in: 'query', names: [name] } }
  }
  if (places.includes('body')) {
    const value = (await bodyArguments(request))(name)[0]
    if (value) return { value, source: { in: 'body', names: [name] } }
  }
  return undefined
}

/** What the caller supplies for `*_client` fields: query, then body, then header. */
export async function clientArgument(request: GatewayRequest, name: string): Promise<string | undefined> {
  return queryArguments(request, name)[0] ?? (await bodyArguments(request))(name)[0] ?? headerArgument(request, name)
}
