import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { startGateway, type Gateway, type GatewayOptions } from '../../src/gateway/gateway.js'
import { Canaries } from '../support/canaries.js'
import { expectSilentGateway } from '../support/gateway-canaries.js'
import type { Consumer, ConsumerGroup, KongConfig, Plugin, Route, Service, Upstream } from '../../src/kong/entities.js'

type Parts<T> = Partial<T> & { readonly name?: string }

export interface DocumentParts {
  readonly services?: readonly (Parts<Service> & { readonly url?: string })[]
  readonly routes?: readonly Parts<Route>[]
  readonly plugins?: readonly (Partial<Plugin> & { readonly name: string })[]
  readonly consumers?: readonly Partial<Consumer>[]
  readonly consumer_groups?: readonly ConsumerGroup[]
  readonly upstreams?: readonly (Pick<Upstream, 'name'> & { readonly targets: readonly [target: string, weight: number][] })[]
}

/** A document as the loader would make it, from the few facts a test is about. Entities bear their name as id. */
export function document(parts: DocumentParts): KongConfig {
  return {
    services: (parts.services ?? []).map(toService),
    routes: (parts.routes ?? []).map((route, order) => ({
      id: route.name ?? `route-${order}`,
      tags: [],
      name: undefined,
      service: parts.services?.[0]?.name ?? (parts.services ? 'service' : undefined),
      protocols: ['http', 'https'],
      methods: undefined,
      hosts: undefined,
      paths: undefined,
      headers: undefined,
      snis: undefined,
      strip_path: true,
      preserve_host: false,
      regex_priority: 0,
      path_handling: 'v0',
      https_redirect_status_code: 426,
      order,
      ...route,
    })),
    plugins: (parts.plugins ?? []).map((plugin, index) => ({
      id: `plugin-${index}`,
      tags: [],
      instance_name: undefined,
      enabled: true,
      protocols: ['http', 'https', 'grpc', 'grpcs'],
      route: undefined,
      service: undefined,
      consumer: undefined,
      consumer_group: undefined,
      config: {},
      source: { file: 'kong.yaml', line: 1, column: 1 },
      ...plugin,
    })),
    consumers: (parts.consumers ?? []).map((consumer) => ({
      id: consumer.username ?? consumer.custom_id ?? 'consumer',
      tags: [],
      username: undefined,
      custom_id: undefined,
      acls: [],
      groups: [],
      ...consumer,
    })),
    consumer_groups: parts.consumer_groups ?? [],
    upstreams: (parts.upstreams ?? []).map(({ name, targets }) => ({
      id: name,
      tags: [],
      name,
      algorithm: 'round-robin',
      targets: targets.map(([target, weight]) => ({
        target,
        weight,
        host: target.split(':')[0] ?? '',
        port: Number(target.split(':')[1] ?? 8000),
      })),
    })),
    certificates: [],
    hash: createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32),
  }
}

function toService({ url, ...given }: Parts<Service> & { readonly url?: string }): Service {
  const parsed = url === undefined ? undefined : new URL(url)
  return {
    id: given.name ?? 'service',
    tags: [],
    name: undefined,
    protocol: parsed?.protocol === 'https:' ? 'https' : 'http',
    host: parsed?.hostname ?? 'localhost',
    port: Number(parsed?.port || 80),
    path: parsed && parsed.pathname !== '/' ? parsed.pathname : undefined,
    retries: 5,
    connect_timeout: 60_000,
    write_timeout: 60_000,
    read_timeout: 60_000,
    enabled: true,
    tls_verify: undefined,
    ...given,
  }
}

/** A gateway that serves one document and is closed with the test, which fails when a trace shows a secret. */
export async function serve(parts: DocumentParts, options: Omit<GatewayOptions, 'config'> = {}): Promise<Gateway> {
  const gateway = await startGateway({ config: document(parts), ...options })
  onTestFinished(async () => {
    await gateway.close()
    expectSilentGateway(new Canaries(), gateway, [])
  })
  return gateway
}
