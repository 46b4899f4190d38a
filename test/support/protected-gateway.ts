import { onTestFinished } from 'vitest'
import { Agent, request as send } from 'undici'
import { startGateway, type Gateway } from '../../src/gateway/gateway.js'
import { loadKongDocument } from '../../src/kong/document.js'
import type { KongConfig } from '../../src/kong/entities.js'
import { startEcho, type EchoedRequest } from '../../src/lab/echo.js'
import type { ExchangeTrace } from '../../src/trace/trace.js'
import { Canaries } from './canaries.js'
import { addAnswer, addAsk, addDocument, addProvider, expectSilentGateway } from './gateway-canaries.js'
import { startScriptedProvider, type ScriptedProvider } from './scripted-provider.js'

/** A clock that tests move. */
export interface Clock {
  ms: number
  pass(seconds: number): void
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  readonly challenge: string | undefined
  /** The request as the upstream saw it; undefined when it saw none. */
  readonly upstream: EchoedRequest | undefined
  readonly trace: ExchangeTrace
}

export interface Ask {
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string | string[]>
  /** Flat names and values, sent as they are. */
  readonly rawHeaders?: string[]
  readonly body?: string
  readonly bearer?: string
  readonly basic?: string
}

/** What the gateway needs of a provider: a scripted one, or the embedded one. */
type AnyProvider = Pick<ScriptedProvider, 'issuer' | 'close'> & Partial<Pick<ScriptedProvider, 'useClock'>>

export interface Protected<Provider extends AnyProvider = ScriptedProvider> {
  readonly provider: Provider
  readonly gateway: Gateway
  readonly clock: Clock
  readonly logs: readonly string[]
  ask(what?: Ask): Promise<Answer>
}

export interface ProtectedOptions<Provider extends AnyProvider = ScriptedProvider> {
  /** The plugin's fields on the one route `/`; `issuer` is the scripted provider's unless given. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Further routes by path, each with its own plugin. */
  readonly routes?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Further plugins by path. */
  readonly routePlugins?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
  readonly consumers?: readonly Readonly<Record<string, unknown>>[]
  readonly consumer_groups?: readonly Readonly<Record<string, unknown>>[]
  readonly certificates?: readonly Readonly<Record<string, unknown>>[]
  readonly provider?: Provider
  /** The gateway's clock is the real one: the embedded provider knows no other. Default: `clock`, which stands still. */
  readonly realTime?: boolean
  /** Opens a TLS listener too, with this certificate. */
  readonly keyPair?: { readonly cert: string; readonly key: string }
  /** When everything is closed. Default: when the test is over. */
  readonly until?: (close: () => Promise<void>) => void
}

/** A document with one service and a route for each plugin configuration. @throws when it has errors. */
export function protectedDocument(
  upstream: string,
  issuer: string,
  { config = {}, routes = {}, routePlugins = {}, ...entities }: Omit<ProtectedOptions, 'provider'>,
): KongConfig {
  const document = {
    _format_version: '3.0',
    services: [
      {
        name: 'echo',
        url: upstream,
        routes: Object.entries({ '/': config, ...routes }).map(([path, fields], index) => ({
          name: `route-${index}`,
          paths: [path],
          strip_path: path !== '/',
          plugins: [{ name: 'openid-connect', config: { issuer, ...fields } }, ...(routePlugins[path] ?? [])],
        })),
      },
    ],
    consumers: entities.consumers ?? [],
    consumer_groups: entities.consumer_groups ?? [],
    certificates: entities.certificates ?? [],
  }
  const loaded = loadKongDocument([{ file: 'kong.yaml', text: JSON.stringify(document) }], { env: {} })
  if (!loaded.config) throw new Error(loaded.issues.map(({ path, message }) => `${path}: ${message}`).join('\n'))
  return loaded.config
}

/** A gateway with the plugin in front of an echo upstream, closed when the test is over. Real HTTP throughout; the clock is the test's. */
export async function startProtected<Provider extends AnyProvider = ScriptedProvider>(
  options: ProtectedOptions<Provider> = {},
): Promise<Protected<Provider>> {
  const clock: Clock = { ms: Date.now(), pass: (seconds) => void (clock.ms += seconds * 1000) }
  const [echo, provider] = await Promise.all([startEcho(), options.provider ?? (startScriptedProvider() as unknown as Promise<Provider>)])
  provider.useClock?.(() => clock.ms)
  const logs: string[] = []
  const refusals: string[] = []
  const canaries = new Canaries()
  addDocument(canaries, [options.config, options.routes, options.routePlugins])
  const gateway = await startGateway({
    config: protectedDocument(echo.url, provider.issuer, options),
    now: options.realTime ? Date.now : () => clock.ms,
    ...(options.keyPair && { tls: { port: 0, keyPair: options.keyPair } }),
    log: (level, message) => void logs.push(`${level} ${message}`),
  })
  const client = new Agent({ connections: 64, pipelining: 1 })
  const until = options.until ?? onTestFinished
  until(async () => {
    await client.close()
    await gateway.close()
    await Promise.all([echo.close(), provider.close()])
    addProvider(canaries, provider)
    canaries.read('refusal', refusals.join('\n'))
    expectSilentGateway(canaries, gateway, logs)
  })
  const ask = async (what: Ask = {}): Promise<Answer> => {
    const { method = 'GET', path = '/anything', headers = {}, rawHeaders, body, bearer, basic } = what
    addAsk(canaries, what)
    const seen = echo.received.length
    const answer = await send(new URL(path, gateway.url), {
      method: method as 'GET',
      headers: rawHeaders ?? {
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(basic !== undefined && { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
        ...headers,
      },
      body: body ?? null,
      dispatcher: client,
    })
    addAnswer(canaries, answer)
    const text = await answer.body.text()
    const id = answer.headers['x-kong-request-id']
    const challenge = answer.headers['www-authenticate']
    if (answer.statusCode >= 400 && echo.received[seen] === undefined) refusals.push(`${String(challenge)} ${text}`)
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: text,
      challenge: Array.isArray(challenge) ? challenge.join(', ') : challenge,
      upstream: echo.received[seen],
      trace: gateway.traces.find((trace) => trace.id === id) as ExchangeTrace,
    }
  }
  return { provider, gateway, clock, logs, ask }
}
