import { randomBytes } from 'node:crypto'
import { DocumentError } from '../errors.js'
import { startGateway, type Gateway } from '../gateway/gateway.js'
import type { Host } from '../host.js'
import { startIdp, type Idp, type IdpOptions } from '../idp/idp.js'
import { loadKongDocument } from '../kong/document.js'
import type { ExchangeTrace } from '../trace/trace.js'
import { labDocument } from './document.js'
import { startEcho, type Echo } from './echo.js'
import { labEnvironment } from './environment.js'
import type { Stage } from './stage.js'

export interface LabOptions {
  /** The gateway's document; default one with routes for all four stories. Its `${{ env }}` names are those of `lab.environment`. */
  readonly document?: string
  readonly idp?: IdpOptions
  /** Ports; 0 or absent picks free ones. */
  readonly ports?: { readonly idp?: number; readonly gateway?: number; readonly echo?: number }
  /** Seconds by which the gateway's clock is ahead (negative: behind). Default 0. */
  readonly gatewayClockOffsetSeconds?: number
  /** Where story 2 keeps its sessions; the sealed cookie when absent. */
  readonly redis?: URL
  /** More variables for the documents. */
  readonly env?: Host['env']
  readonly onTrace?: (trace: ExchangeTrace) => void
  readonly log?: (level: string, message: string) => void
}

/** Provider, gateway and echo upstream on loopback, in this process: the embedded default for everything. */
export interface Lab extends Stage {
  readonly idp: Idp
  readonly gateway: Gateway
  readonly echo: Echo
  /** What documents may read by `${{ env "DECK_…" }}`; ids and secrets of the throw-away provider included. */
  readonly environment: Readonly<Record<string, string>>
  readonly shiftGatewayClock: (seconds: number) => void
  readonly traces: () => readonly ExchangeTrace[]
  /** An access token by client credentials (or the password grant, for a person), for tests. */
  token(client?: 'm2m' | 'web', parameters?: Readonly<Record<string, string>>): Promise<string>
  close(): Promise<void>
}

/**
 * Starts the lab. Everything listens on 127.0.0.1 when this resolves.
 * @throws {OidcgwError} `ERR_PORT_BUSY`; `DocumentError` for a document with errors.
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { ports = {} } = options
  let offsetMs = (options.gatewayClockOffsetSeconds ?? 0) * 1000
  const closers: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer()
  }
  try {
    const [echo, idp] = await Promise.all([startEcho({ port: ports.echo ?? 0 }), startIdp({ port: ports.idp ?? 0, ...options.idp })])
    closers.push(
      () => echo.close(),
      () => idp.close(),
    )
    const clients = stageClients(idp)
    const environment = {
      ...labEnvironment({
        issuer: idp.issuer,
        upstreamUrl: echo.url,
        audience: AUDIENCE,
        clients,
        sessionSecret: randomBytes(32).toString('base64url'),
      }),
      ...(options.env as Record<string, string> | undefined),
    }
    const load = (document: string) => {
      const { config, issues } = loadKongDocument([{ file: 'lab.yaml', text: document }], { env: environment })
      if (!config) throw new DocumentError(issues.filter(({ severity }) => severity === 'error'))
      return config
    }
    const gateway = await startGateway({
      config: load(options.document ?? labDocument),
      port: ports.gateway ?? 0,
      now: () => Date.now() + offsetMs,
      ...(options.onTrace && { onTrace: options.onTrace }),
      ...(options.log && { log: options.log }),
    })
    closers.push(() => gateway.close())
    for (const path of CALLBACK_PATHS) idp.allowRedirect('web', `${gateway.url}${path}`)
    return {
      idp,
      gateway,
      echo,
      environment,
      issuer: idp.issuer,
      gatewayUrl: gateway.url,
      upstreamUrl: echo.url,
      audience: AUDIENCE,
      resources: RESOURCES,
      clients,
      people: stagePeople(idp),
      ...(options.redis && { redis: options.redis }),
      publish: async (document) => gateway.publish(load(document)),
      allowRedirect: async (clientId, redirectUri) => idp.allowRedirect(clientId, redirectUri),
      deactivate: async (clientId) => idp.deactivate(clientId),
      activate: async (clientId) => idp.activate(clientId),
      counters: async () => idp.counters(),
      shiftGatewayClock: (seconds) => void (offsetMs = seconds * 1000),
      traces: () => gateway.traces,
      token: (client = 'm2m', parameters = {}) => requestToken(idp.issuer, clients[client], parameters),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const AUDIENCE = 'api://oidcgw-lab'
const RESOURCES = { other: 'urn:oidcgw:other-api', opaque: 'api://opaque' }

/** Where the lab's own routes take the code flow's callback. */
const CALLBACK_PATHS = ['/web/get', '/web/anything', '/oidcroute/get']

function stageClients({ applications }: Idp): Stage['clients'] {
  const client = (name: 'm2m' | 'web' | 'introspector') => ({
    client_id: applications[name].client_id,
    client_secret: applications[name].client_secret ?? '',
  })
  return { m2m: client('m2m'), web: client('web'), introspector: client('introspector') }
}

function stagePeople({ accounts }: Idp): Stage['people'] {
  const person = (username: string) => ({ username, password: accounts.find((account) => account.username === username)?.password ?? '' })
  return { alice: person('alice'), bob: person('bob') }
}

async function requestToken(
  issuer: string,
  { client_id, client_secret }: Stage['clients']['m2m'],
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const metadata = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as { token_endpoint: string }
  const response = await fetch(metadata.token_endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'api.read', ...parameters }),
  })
  const { access_token } = (await response.json()) as { access_token?: string }
  if (!access_token) throw new TypeError(`the lab's provider answered ${response.status}`)
  return access_token
}
