import type { KongConfig } from '../kong/entities.js'
import type { RoutePlan } from './generation.js'
import { HeaderEdits } from './header-edits.js'
import type { Exchange } from './plugins/plugin.js'
import type { Recorder } from './recorder.js'
import type { GatewayRequest } from './request.js'
import type { RouteMatch } from './router/router.js'

/** A request that found its route, before any plugin has seen it. */
export function createExchange(
  recorder: Recorder,
  request: GatewayRequest,
  { route, service }: RoutePlan,
  { captures }: RouteMatch,
  config: KongConfig,
  now: () => number,
): Exchange {
  return {
    id: recorder.id,
    request,
    route,
    service,
    config,
    captures,
    upstream: new HeaderEdits(),
    upstreamQuery: undefined,
    upstreamBody: undefined,
    downstream: new HeaderEdits(),
    consumer: undefined,
    credential: undefined,
    authenticatedGroups: undefined,
    consumerGroups: undefined,
    anonymous: false,
    trace: recorder.sink,
    decide: (decision) => recorder.decide(decision),
    now,
  }
}
