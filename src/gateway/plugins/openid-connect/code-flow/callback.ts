import { verifyJwt } from '../../../../jwt/verify.js'
import type { Exchange } from '../../plugin.js'
import { bodyKind } from '../request-arguments.js'
import type { CredentialSource, OidcContext } from '../types.js'

/** What the provider sent back through the browser (RFC 6749 §4.1.2, RFC 9207, JARM). */
export interface Callback {
  readonly parameters: Readonly<Partial<Record<CallbackName, string>>>
  readonly source: CredentialSource
  /** From a verified JARM response: issuer and audience are checked already. */
  readonly signed: boolean
}

export type CallbackReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'callback'; readonly callback: Callback }
  /** It is one, and cannot be trusted. */
  | { readonly kind: 'broken'; readonly detail: string }

const NAMES = ['code', 'state', 'iss', 'error', 'id_token', 'access_token', 'token_type', 'expires_in', 'session_state'] as const
type CallbackName = (typeof NAMES)[number]

/** A form larger than this is no callback. Bytes. */
const MAX_FORM_BYTES = 65_536

/** Reads a callback where `response_mode` says it comes: the query of a GET, or the form of a POST. Elsewhere the same names mean nothing. */
export async function readCallback(exchange: Exchange, context: OidcContext): Promise<CallbackReading> {
  const mode = context.config.response_mode
  const given = mode.startsWith('form_post') ? await readForm(exchange) : readQuery(exchange)
  if (!given) return { kind: 'none' }
  const { parameters, place } = given
  if (mode.includes('jwt')) {
    const response = parameters.getAll('response')
    return response.length === 1 ? readSigned(response[0] as string, place, exchange, context) : { kind: 'none' }
  }
  if (!['code', 'error', 'id_token', 'access_token'].some((name) => parameters.has(name))) return { kind: 'none' }
  const repeated = NAMES.find((name) => parameters.getAll(name).length > 1)
  if (repeated) return { kind: 'broken', detail: `${repeated} is given more than once` } // RFC 6749 §3.1
  const named = NAMES.filter((name) => parameters.has(name))
  const values = Object.fromEntries(named.map((name) => [name, parameters.get(name) as string]))
  return { kind: 'callback', callback: { parameters: values, source: { in: place, names: NAMES }, signed: false } }
}

interface Given {
  readonly parameters: URLSearchParams
  readonly place: 'query' | 'body'
}

function readQuery({ request }: Exchange): Given | undefined {
  if (request.method !== 'GET' || request.query === '') return undefined
  return { parameters: new URLSearchParams(request.query), place: 'query' }
}

async function readForm({ request }: Exchange): Promise<Given | undefined> {
  if (request.method !== 'POST' || bodyKind(request) !== 'form') return undefined
  const body = await request.body()
  return body && body.length <= MAX_FORM_BYTES ? { parameters: new URLSearchParams(body.toString('utf8')), place: 'body' } : undefined
}

/** JARM §2.4: signature, issuer, audience and end are checked before anything in it is read. */
async function readSigned(response: string, place: Given['place'], exchange: Exchange, context: OidcContext): Promise<CallbackReading> {
  const { provider, config } = context
  const discovered = await provider.discover(exchange.trace)
  const options = {
    issuer: discovered.metadata.issuer,
    audience: config.client_id ?? [],
    now: exchange.now(),
    leewaySeconds: config.leeway,
    maxBytes: MAX_FORM_BYTES,
  }
  let verdict = verifyJwt(response, { ...options, keys: provider.keys(discovered, 0) })
  if (verdict.checks.some(({ code }) => code === 'token_unknown_key') && (await provider.renewKeys(exchange.trace))) {
    verdict = verifyJwt(response, { ...options, keys: provider.keys(await provider.discover(exchange.trace), 0) })
  }
  const failure = verdict.checks.find(({ outcome }) => outcome === 'fail')
  if (failure || !verdict.valid || !verdict.token)
    return { kind: 'broken', detail: `the signed response: ${failure?.check ?? 'not verified'}` }
  const { payload } = verdict.token
  const values = Object.fromEntries(NAMES.map((name) => [name, payload[name]]).filter(([, value]) => typeof value === 'string'))
  return { kind: 'callback', callback: { parameters: values, source: { in: place, names: ['response'] }, signed: true } }
}
