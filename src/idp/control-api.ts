import { timingSafeEqual, createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { OidcgwError } from '../errors.js'
import { parseBearer } from '../http/authorization.js'
import { readBody } from './body.js'
import type { ApplicationOptions } from './applications.js'
import type { IdpControl } from './control.js'
import type { Fault } from './faults.js'
import type { Settings } from './settings.js'
import type { Tamper } from './tamper.js'
import type { TrustedIssuer } from './trust.js'

export const CONTROL_PATH = '/_control'

type Body = Readonly<Record<string, unknown>>
type Action = (control: IdpControl, body: Body) => Promise<unknown>

const text = (body: Body, name: string): string => {
  const value = body[name]
  if (typeof value !== 'string' || value === '') throw new OidcgwError('ERR_USAGE', `${name} is missing`)
  return value
}

/** Every action is a POST with a JSON object; reading the counters is the one GET. */
export const ACTIONS = {
  'POST /deactivate': async (control, body) => control.deactivate(text(body, 'application')),
  'POST /activate': async (control, body) => control.activate(text(body, 'application')),
  'POST /redirects': async (control, body) => control.allowRedirect(text(body, 'application'), text(body, 'redirect_uri')),
  'POST /logout-redirects': async (control, body) => control.allowLogoutRedirect(text(body, 'application'), text(body, 'redirect_uri')),
  'POST /applications': async (control, body) => control.addApplication(text(body, 'name'), body as ApplicationOptions),
  'POST /trust': async (control, body) => control.trust({ ...(body as unknown as TrustedIssuer), issuer: text(body, 'issuer') }),
  'POST /keys/rotate': async (control, body) => ({ kid: await control.rotateKeys({ keepOld: body['keepOld'] !== false }) }),
  'GET /counters': async (control) => control.counters(),
  'POST /counters/reset': async (control) => control.resetCounters(),
  'POST /faults': async (control, body) => void (await control.fault(body as unknown as Fault)),
  'POST /tampers': async (control, body) => void (await control.tamper(body as unknown as Tamper)),
  'POST /faults/clear': async (control) => control.clearFaults(),
  'POST /settings': async (control, body) => control.configure(body as Partial<Settings>),
} satisfies Record<string, Action>

/** The control API: loopback callers only, and only with the control secret as bearer token. */
export async function handleControl(
  request: IncomingMessage,
  response: ServerResponse,
  { control, secret, path }: { readonly control: IdpControl; readonly secret: string; readonly path: string },
): Promise<void> {
  const reply = (status: number, body: unknown = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body ?? {}))
  }
  if (!isLoopback(request.socket.remoteAddress)) return reply(403, { error: 'loopback only' })
  if (!isSecret(parseBearer(request.headers.authorization), secret)) {
    response.setHeader('www-authenticate', 'Bearer')
    return reply(401, { error: 'the control secret is needed' })
  }
  const action = (ACTIONS as Readonly<Record<string, Action | undefined>>)[`${request.method} ${path}`]
  if (!action) return reply(404, { error: 'no such action', actions: Object.keys(ACTIONS) })
  try {
    const body = await readBody(request)
    reply(200, await action(control, (body === '' ? {} : JSON.parse(body)) as Body))
  } catch (error) {
    const isTheirs = error instanceof SyntaxError || error instanceof RangeError || error instanceof OidcgwError
    reply(isTheirs ? 400 : 500, { error: isTheirs ? error.message : 'the action failed' })
  }
}

const isLoopback = (address: string | undefined): boolean => /^(::ffff:)?127\.|^::1$/.test(address ?? '')

function isSecret(given: string | undefined, secret: string): boolean {
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest()
  return given !== undefined && timingSafeEqual(digest(given), digest(secret))
}
