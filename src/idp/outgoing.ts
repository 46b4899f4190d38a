import { createHash } from 'node:crypto'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { decodeParts, signJwt, type Claims } from './signing.js'
import type { IdpState } from './state.js'

/**
 * The last look at what leaves: adds what the library leaves out, and falsifies what a test asked for. Has to be the outermost
 * middleware, so that it sees finished answers.
 */
export function completeAnswers(provider: Provider, state: IdpState): void {
  provider.use(async (ctx, next) => {
    await next()
    const context = ctx as unknown as KoaContextWithOIDC
    const { route } = (context as Partial<KoaContextWithOIDC>).oidc ?? {}
    if (context.status >= 400 || !route) return
    if (route === 'token') await completeTokens(context, state)
    else if (route === 'userinfo' || route === 'introspection') await completeClaims(context, route, state)
    else if (route === 'authorization' || route === 'resume') await completeRedirect(context, state)
    else if (route in DOCUMENTS) completeDocument(context, DOCUMENTS[route as keyof typeof DOCUMENTS], state)
  })
}

/** JSON answers that are only falsified, by the library's route names. */
const DOCUMENTS = {
  discovery: 'discovery',
  jwks: 'jwks',
  device_authorization: 'device_authorization',
  pushed_authorization_request: 'par',
} as const

function completeDocument(
  ctx: KoaContextWithOIDC,
  target: (typeof DOCUMENTS)[keyof typeof DOCUMENTS],
  { tampers, settings }: IdpState,
): void {
  if (!ctx.body || typeof ctx.body !== 'object') return
  const { type } = ctx
  const interval = target === 'device_authorization' && { interval: settings.deviceIntervalSeconds }
  ctx.body = tampers.json(target, { ...(ctx.body as Claims), ...interval })
  ctx.type = type
}

async function completeTokens(ctx: KoaContextWithOIDC, { tampers, keys }: IdpState): Promise<void> {
  const body = ctx.body as { access_token?: string; id_token?: string }
  const access_token = body.access_token && (await tampers.jwt('access_token', body.access_token))
  const id_token = body.id_token && (await tampers.jwt('id_token', withAccessTokenHash(body.id_token, access_token, keys)))
  ctx.body = tampers.json('token_response', { ...body, ...(access_token && { access_token }), ...(id_token && { id_token }) })
}

/** ID tokens of the token endpoint may have an `at_hash` (OIDC Core §3.1.3.6); the library gives them none, most providers do. */
function withAccessTokenHash(idToken: string, accessToken: string | undefined, keys: IdpState['keys']): string {
  const parts = decodeParts(idToken)
  const key = parts && keys.find(parts.header['kid'])
  if (!key || accessToken === undefined || parts.payload['at_hash'] !== undefined) return idToken
  const digest = createHash(key.alg === 'EdDSA' ? 'sha512' : 'sha256')
    .update(accessToken)
    .digest()
  const at_hash = digest.subarray(0, digest.length / 2).toString('base64url')
  return signJwt({ header: parts.header, payload: { ...parts.payload, at_hash } }, key)
}

async function completeClaims(ctx: KoaContextWithOIDC, target: 'userinfo' | 'introspection', { tampers }: IdpState): Promise<void> {
  const { type } = ctx
  if (typeof ctx.body === 'string' && ctx.body !== '') {
    ctx.body = await tampers.jwt(target, ctx.body)
    ctx.type = type
  } else if (ctx.body && typeof ctx.body === 'object') {
    ctx.body = tampers.json(target, ctx.body as Claims)
  }
}

const FRONT_CHANNEL = { id_token: 'id_token', access_token: 'access_token', response: 'authorization_response' } as const

/** Tokens in a redirect's query or fragment, or in the form of `response_mode=form_post`; then the plain parameters of a redirect. */
async function completeRedirect(ctx: KoaContextWithOIDC, { tampers }: IdpState): Promise<void> {
  const location = ctx.response.get('location')
  let text = location || (typeof ctx.body === 'string' ? ctx.body : '')
  for (const [parameter, target] of Object.entries(FRONT_CHANNEL)) {
    const pattern = location ? `(?<=[?#&]${parameter}=)[^&#]+` : `(?<=name="${parameter}" value=")[^"]+`
    const match = new RegExp(pattern).exec(text)
    if (match) text = text.replace(match[0], await tampers.jwt(target, match[0]))
  }
  if (location) ctx.set('location', withParameters(text, tampers))
  else if (text) ctx.body = text
}

/** Only answers to the application are meant, which the issuer's name tells apart from the steps of a sign-in (RFC 9207 §2). */
function withParameters(location: string, tampers: IdpState['tampers']): string {
  const mark = location.includes('#') ? '#' : '?'
  const [before = '', after = ''] = location.split(mark)
  const parameters = new URLSearchParams(after)
  const change =
    parameters.has('iss') && (parameters.has('code') || parameters.has('error')) ? tampers.parameters('authorization_response') : undefined
  return change
    ? `${before}${mark}${new URLSearchParams(change(Object.fromEntries(parameters)) as Record<string, string>).toString()}`
    : location
}
