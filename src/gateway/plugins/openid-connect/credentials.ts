import { formDecode, formEncode, parseBasic, parseBearer } from '../../../http/authorization.js'
import type { OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import type { GatewayRequest } from '../../request.js'
import { bodyArguments, bodyKind, cookieArgument, findArgument, headerArgument, headerFields, queryArguments } from './request-arguments.js'
import type { Argument, Place } from './request-arguments.js'
import type { CredentialSource, Eventually } from './types.js'
import { CUSTOM_HEADER_FORMS } from './unconfirmed.js'

export interface BearerToken {
  readonly kind: 'token'
  readonly token: string
  readonly scheme: 'Bearer' | 'DPoP'
  readonly source: CredentialSource
}

/** `conflict`: the request carries several different tokens, and what was judged might not be what the upstream believes (RFC 6750 §2, G-36). */
export type BearerReading = { readonly kind: 'absent' } | BearerToken | { readonly kind: 'conflict' }

const ARGUMENT = 'access_token'

/** The access token of a request, looked for in the places the configuration lists. Only a body is waited for. */
export function readBearer(request: GatewayRequest, config: OpenIdConnectConfig): Eventually<BearerReading> {
  const places = config.bearer_token_param_type
  const found: BearerToken[] = []
  if (places.includes('header')) addBearerHeaders(found, request, config)
  if (places.includes('query')) for (const value of queryArguments(request, ARGUMENT)) add(found, value, { in: 'query', names: [ARGUMENT] })
  const kind = places.includes('body') ? bodyKind(request) : undefined
  // a JSON body is read for a token only when there is none yet: RFC 6750 §2.2 knows tokens in forms only
  return kind === 'form' || (kind === 'json' && found.length === 0)
    ? addFromBody(found, request).then(() => chooseOne(found, request, config))
    : chooseOne(found, request, config)
}

function add(found: BearerToken[], token: string | undefined, source: CredentialSource): void {
  if (token) found.push({ kind: 'token', token, scheme: 'Bearer', source })
}

async function addFromBody(found: BearerToken[], request: GatewayRequest): Promise<void> {
  for (const value of (await bodyArguments(request))(ARGUMENT)) add(found, value, { in: 'body', names: [ARGUMENT] })
}

function chooseOne(found: BearerToken[], request: GatewayRequest, config: OpenIdConnectConfig): BearerReading {
  const cookie = config.bearer_token_cookie_name
  if (cookie !== null && config.bearer_token_param_type.includes('cookie')) {
    add(found, cookieArgument(request, cookie), { in: 'cookie', names: [cookie] })
  }
  const first = found[0]
  if (!first) return { kind: 'absent' }
  return found.every(({ token }) => token === first.token) ? first : { kind: 'conflict' }
}

function addBearerHeaders(found: BearerToken[], request: GatewayRequest, config: OpenIdConnectConfig): void {
  const custom = config.bearer_token_header_name
  if (custom !== null) {
    const value = headerArgument(request, custom)?.trim()
    const bare = value && CUSTOM_HEADER_FORMS.includes('bare') && /^\S+$/.test(value) ? value : undefined
    const token = (CUSTOM_HEADER_FORMS.includes('scheme') ? parseBearer(value) : undefined) ?? bare
    return add(found, token, { in: 'header', name: custom })
  }
  const schemes = config.proof_of_possession_dpop === 'off' ? BEARER : BEARER_AND_DPOP
  for (const field of headerFields(request, 'authorization')) {
    for (const scheme of schemes) {
      const token = parseBearer(field, scheme)
      if (token) found.push({ kind: 'token', token, scheme, source: { in: 'header', name: 'authorization' } })
    }
  }
  for (const name of BARE_HEADERS) for (const field of headerFields(request, name)) add(found, field.trim(), { in: 'header', name })
}

const BEARER = ['Bearer'] as const
const BEARER_AND_DPOP = ['Bearer', 'DPoP'] as const
/** Fields that hold nothing but the token. */
const BARE_HEADERS = ['access-token', 'x-access-token'] as const

export interface PairCredential {
  /** User name or client id, as RFC 7617 reads it. */
  readonly name: string
  readonly secret: string
  readonly source: CredentialSource
  /** The Basic field, byte by byte, when it came in one. */
  readonly basic?: string
}

/** Two credentials of one kind in Basic, or in two arguments of the same place. */
export async function readPair(
  request: GatewayRequest,
  places: readonly Exclude<Place, 'cookie'>[],
  [first, second]: readonly [name: string, secret: string],
): Promise<PairCredential | undefined> {
  if (places.includes('header')) {
    const field = request.headers['authorization']
    const basic = parseBasic(field)
    if (field !== undefined && basic && basic.username !== '') {
      return { name: basic.username, secret: basic.password, source: { in: 'header', name: 'authorization' }, basic: field }
    }
  }
  const readers: readonly [Place, () => Promise<(name: string) => readonly string[]>][] = [
    ['query', async () => (name) => queryArguments(request, name)],
    ['body', async () => await bodyArguments(request)],
  ]
  for (const [place, read] of readers) {
    if (!(places as readonly Place[]).includes(place)) continue
    const values = await read()
    const name = values(first)[0]
    const secret = values(second)[0]
    if (name && secret !== undefined) return { name, secret, source: { in: place as 'query' | 'body', names: [first, second] } }
  }
  return undefined
}

/**
 * A client id or secret from Basic for use elsewhere than in Basic: RFC 6749 §2.3.1 wants it form-encoded, curl and many others send it
 * raw. Text that is exactly what encoding would have made is taken as encoded, all else as it stands.
 */
export function readBasicPart(text: string): string {
  const decoded = formDecode(text)
  return decoded !== undefined && decoded !== text && formEncode(decoded) === text ? decoded : text
}

export const readRefreshToken = (request: GatewayRequest, config: OpenIdConnectConfig): Promise<Argument | undefined> =>
  config.refresh_token_param_name === null
    ? Promise.resolve(undefined)
    : findArgument(request, config.refresh_token_param_name, config.refresh_token_param_type)

/** An ID token that accompanies an access token; it never authenticates alone. */
export const readIdToken = (request: GatewayRequest, config: OpenIdConnectConfig): Eventually<Argument | undefined> =>
  config.id_token_param_name === null ? undefined : findArgument(request, config.id_token_param_name, config.id_token_param_type)
