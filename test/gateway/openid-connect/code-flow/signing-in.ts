import { randomUUID } from 'node:crypto'
import { redeems, type Scripted } from '../../../support/scripted-provider.js'
import { startProtected, type Answer, type Ask, type Protected, type ProtectedOptions } from '../../../support/protected-gateway.js'

/** What a login of a test may change. */
export interface Consent {
  /** Over the claims of the ID token; undefined members are left out. */
  readonly idToken?: Readonly<Record<string, unknown>>
  /** In place of the whole ID token; null: none. */
  readonly rawIdToken?: string | null
  /** Over the claims of the access token. */
  readonly accessToken?: Readonly<Record<string, unknown>>
  /** Over the members of the token response. */
  readonly response?: Readonly<Record<string, unknown>>
  /** Further parameters of the callback; undefined members are left out. */
  readonly callback?: Readonly<Record<string, string | undefined>>
  readonly sub?: string
}

/** A browser of one person: cookies and addresses, one hop at a time. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #setup: Protected

  constructor(setup: Protected) {
    this.#setup = setup
  }

  get cookie(): string | undefined {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') || undefined
  }

  async open(path: string, ask: Ask = {}): Promise<Answer> {
    const cookie = this.cookie
    const answer = await this.#setup.ask({
      path,
      ...ask,
      headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate', ...(cookie && { cookie }), ...ask.headers },
    })
    this.take(answer)
    return answer
  }

  /** Posts a form. */
  post(path: string, form: Readonly<Record<string, string>> | URLSearchParams): Promise<Answer> {
    return this.open(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form as Record<string, string>).toString(),
    })
  }

  take(answer: Answer): void {
    for (const cookie of setCookies(answer)) {
      const [pair = ''] = cookie.split('; ')
      const equals = pair.indexOf('=')
      if (/; Max-Age=0/.test(cookie)) this.cookies.delete(pair.slice(0, equals))
      else this.cookies.set(pair.slice(0, equals), pair.slice(equals + 1))
    }
  }
}

export const setCookies = ({ headers }: Answer): string[] => [headers['set-cookie'] ?? []].flat()
export const cookieNames = (answer: Answer): string[] => setCookies(answer).map((cookie) => cookie.split('=')[0] ?? '')

export interface CodeFlow extends Protected {
  newBrowser(): Browser
  /** The parameters of an authorization redirect. */
  asked(answer: Answer): URLSearchParams
  /** Plays the provider: signs the person in and gives the callback's path and parameters. */
  consent(redirect: Answer, consent?: Consent): { readonly path: string; readonly parameters: URLSearchParams }
  /** From the first request to the answer to the callback. */
  signIn(browser: Browser, path?: string, consent?: Consent): Promise<Answer>
  /** Calls to the token endpoint so far. */
  tokenCalls(): number
}

interface Issued {
  readonly request: URLSearchParams
  readonly consent: Consent
}

/** A protected gateway whose provider plays the code flow: codes are used once, `redirect_uri` and PKCE are checked. */
export async function startCodeFlow(options: ProtectedOptions & { readonly metadata?: object } = {}): Promise<CodeFlow> {
  const setup = await startProtected({
    ...options,
    config: {
      auth_methods: ['authorization_code', 'session'],
      client_id: ['demo'],
      client_secret: ['demo-secret'],
      session_secret: 'a secret of more than sixteen bytes',
      ...options.config,
    },
  })
  const { provider } = setup
  const codes = new Map<string, Issued>()
  provider.script('/.well-known/openid-configuration', {
    issuer: provider.issuer,
    authorization_endpoint: `${provider.issuer}/authorize`,
    token_endpoint: `${provider.issuer}/token`,
    revocation_endpoint: `${provider.issuer}/revoke`,
    jwks_uri: `${provider.issuer}/jwks`,
    code_challenge_methods_supported: ['S256'],
    ...options.metadata,
  })
  const idToken = (request: URLSearchParams, { idToken: claims, sub = 'alice' }: Consent) => provider.idToken(request, { sub, ...claims })
  provider.script('/token', (request): Scripted => {
    const code = request.form.get('code') ?? ''
    const issued = codes.get(code)
    codes.delete(code)
    if (!issued || !redeems(request.form, issued.request)) return { status: 400, body: '{"error":"invalid_grant"}' }
    const { consent } = issued
    return {
      access_token: provider.token({ claims: { sub: consent.sub ?? 'alice', ...consent.accessToken } }),
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: `refresh-${randomUUID()}`,
      ...(consent.rawIdToken !== null && { id_token: consent.rawIdToken ?? idToken(issued.request, consent) }),
      ...consent.response,
    } as Scripted
  })

  const asked = ({ headers }: Answer): URLSearchParams => {
    const location = String(headers['location'])
    return URL.canParse(location) ? new URL(location).searchParams : new URLSearchParams()
  }
  const consent: CodeFlow['consent'] = (redirect, given = {}) => {
    const request = asked(redirect)
    const code = `code-${randomUUID()}`
    codes.set(code, { request, consent: given })
    const parameters = new URLSearchParams({ code, state: request.get('state') ?? '' })
    for (const [name, value] of Object.entries(given.callback ?? {})) {
      if (value === undefined) parameters.delete(name)
      else parameters.set(name, value)
    }
    return { path: new URL(request.get('redirect_uri') ?? 'http://nowhere/').pathname, parameters }
  }
  return {
    ...setup,
    newBrowser: () => new Browser(setup),
    asked,
    consent,
    async signIn(browser, path = '/anything', given = {}) {
      const { path: callback, parameters } = consent(await browser.open(path), given)
      return browser.open(`${callback}?${parameters.toString()}`)
    },
    tokenCalls: () => provider.count('/token'),
  }
}
