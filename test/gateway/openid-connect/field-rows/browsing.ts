import type { Answer, Ask } from '../../../support/protected-gateway.js'
import type { ProviderRequestSeen, ScriptedProvider } from '../../../support/scripted-provider.js'
import { client, cookies, type Asked, type Seen } from './row.js'

const session_secret = 'a-session-secret-of-32-characters'
export const codeFlow = { auth_methods: ['authorization_code', 'session'], ...client, session_secret }
export const passwordSession = { auth_methods: ['session', 'password'], ...client, session_secret }

/** A browser that comes for the first time. */
export const arrive: Ask = {}

/** The authorization request that an answer sends the browser off with. */
export const requestOf = ({ headers }: Answer): URLSearchParams => new URL(String(headers['location'])).searchParams

/** The provider has signed alice in and sends the browser back: a code, and what else a row wants, as `response_mode` asks for it. */
export const callBack =
  (more: (provider: ScriptedProvider, asked: URLSearchParams) => Readonly<Record<string, string>> = () => ({})): Asked =>
  (provider, answers) => {
    const asked = requestOf(answers.at(-1) as Answer)
    const path = withoutArm(new URL(asked.get('redirect_uri') ?? '').pathname)
    const mode = asked.get('response_mode')
    const plain = { code: provider.code(asked), state: asked.get('state') ?? '', ...more(provider, asked) }
    const signed = () => provider.token({ header: { typ: 'JWT' }, claims: { aud: asked.get('client_id'), ...plain } })
    const sent = new URLSearchParams(mode === 'query.jwt' ? { response: signed() } : plain).toString()
    const cookie = cookies(answers)
    return mode === 'form_post'
      ? { method: 'POST', path, headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' }, body: sent }
      : { path: `${path}?${sent}`, headers: { cookie } }
  }

/** The whole login of a browser. */
export const logIn: readonly Asked[] = [arrive, callBack()]

/** The same browser elsewhere, or with another method. */
export const goOn =
  (ask: Ask): Asked =>
  (_provider, answers) => ({ ...ask, headers: { cookie: cookies(answers), ...ask.headers } })

/** It asks for logout where `logout_uri_suffix` is `/logout`. */
export const leave: Asked = goOn({ method: 'POST', path: '/logout' })

export const logInAndOut: readonly Asked[] = [...logIn, leave]

/** A provider that takes every pushed authorization request. */
export const PUSHED = { status: 201, body: '{"request_uri":"urn:example:1","expires_in":60}' }

/** A parameter of the authorization request. */
export const asked =
  (name: string) =>
  ({ answers: [first] }: Seen): string | null =>
    requestOf(first as Answer).get(name)

/** Where the last answer sends the browser, without the route of the arm; tokens are not spelled out. */
export const landing = ({ answer }: Seen): string =>
  withoutArm(String(answer.headers['location'])).replace(/ey[\w-]+\.[\w-]+\.[\w-]+/g, '(token)')

/** Whether the browser is still logged in, as far as its cookies go. */
export const hasCookie = ({ answers }: Seen): boolean => cookies(answers) !== ''

/** Calls to one place of the provider. */
export const callsTo = ({ calls }: Seen, path: string): readonly ProviderRequestSeen[] => calls.filter((call) => call.path === path)

/** The cookie that an answer sets under that name, with a short value: `session=…; Path=/`. */
export function setCookie({ headers }: Answer, name: string): string | undefined {
  const fields = [headers['set-cookie'] ?? []].flat()
  return fields.find((field) => field.startsWith(`${name}=`))?.replace(/=[\w-]+/, '=…')
}

const withoutArm = (target: string): string => target.replace(/^\/(?:default|changed)-\d+/, '')
