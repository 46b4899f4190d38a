import { obtainTokens } from '../../client/session.js'
import { formatDuration } from '../../config/duration.js'
import type { HttpResponse } from '../../host.js'
import { createKeySet } from '../../jwt/key-set.js'
import { discoverKeys } from '../../jwt/provider-keys.js'
import { verifyJwt } from '../../jwt/verify.js'
import type { Profile } from '../../profile/profile.js'
import type { Scene } from '../scene.js'

/** Steps that several stories make. */
export interface GatewayAnswer {
  readonly status: number
  readonly headers: HttpResponse['headers']
  /** Empty when there is none. */
  readonly location: string
  readonly text: string
}

/** `GET` through the gateway as a plain API client that takes any content type: neither a browser nor JSON only. */
export async function get(scene: Scene, path: string, headers: Readonly<Record<string, string>> = {}): Promise<GatewayAnswer> {
  const url = new URL(path, scene.stage.gatewayUrl)
  return toAnswer(await scene.as('client')({ method: 'GET', url, headers: { accept: '*/*', ...headers } }))
}

export const toAnswer = ({ status, headers, body }: HttpResponse): GatewayAnswer => ({
  status,
  headers,
  location: String(headers['location'] ?? ''),
  text: body.toString('utf8'),
})

/** Where a redirect leads; `none` when it leads nowhere. */
export const originOf = (location: string): string => (URL.canParse(location) ? new URL(location).origin : 'none')

/** A header as the echo upstream received it. */
export function upstreamHeader({ text }: Pick<GatewayAnswer, 'text'>, name: string): string | undefined {
  try {
    return (JSON.parse(text) as { headers?: Record<string, string> }).headers?.[name]
  } catch {
    return undefined
  }
}

export interface TokenWish {
  readonly scope: string
  readonly resource?: string
  /** By the password grant; client credentials when absent. */
  readonly person?: 'alice' | 'bob'
}

/** An access token, the way `oidcgw token` gets one. */
export async function fetchToken(scene: Scene, client: 'm2m' | 'web', { scope, resource, person }: TokenWish): Promise<string> {
  const { client_id, client_secret } = scene.stage.clients[client]
  const profile: Profile = {
    name: person ?? client,
    issuer: scene.stage.issuer,
    grant: person ? 'password' : 'client_credentials',
    client: { id: client_id, secret: 'env:STORY_CLIENT_SECRET', auth: 'client_secret_basic' },
    scope,
    ...(resource !== undefined && { resource }),
    ...(person && { login: { username: scene.stage.people[person].username, password: 'env:STORY_PASSWORD' } }),
  }
  const secrets = { STORY_CLIENT_SECRET: client_secret, ...(person && { STORY_PASSWORD: scene.stage.people[person].password }) }
  const host = { ...scene.host, request: scene.as('client'), env: { ...scene.host.env, ...secrets } }
  return (await obtainTokens(profile, host, { store: 'none' })).access_token
}

/** Shows a token's claims on screen and asserts that it verifies against the issuer's own keys. */
export async function showToken(scene: Scene, token: string, title: string): Promise<void> {
  const { stage, host } = scene
  const { jwks } = await discoverKeys(stage.issuer, { request: scene.as('client') })
  const verdict = verifyJwt(token, { keys: createKeySet(jwks), issuer: stage.issuer, audience: stage.audience, now: host.now })
  const failed = verdict.checks.filter(({ outcome }) => outcome === 'fail').map(({ check, reason }) => `${check}: ${reason ?? 'failed'}`)
  scene.note(`${title}:`)
  for (const [name, value] of Object.entries(verdict.token?.payload ?? {})) {
    const isTime = (name === 'exp' || name === 'iat' || name === 'nbf' || name === 'auth_time') && typeof value === 'number'
    const left = isTime ? value * 1000 - host.now().getTime() : 0
    scene.note(
      `  ${name.padEnd(10)} ${typeof value === 'string' ? value : JSON.stringify(value)}${isTime ? `  ${left > 0 ? `in ${formatDuration(left)}` : `${formatDuration(left)} ago`}` : ''}`,
    )
  }
  scene.expect('its signature, issuer, audience and times verify', failed.join('; ') || 'valid', 'valid')
}
