import type { Consumer, KongConfig } from '../../../kong/entities.js'
import type { OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import type { Exchange } from '../plugin.js'
import { claimStrings, findClaim } from './claims.js'
import type { Refusal } from './replies.js'
import type { Principal } from './types.js'
import { SENDS_CREDENTIAL_IDENTIFIER } from './unconfirmed.js'

interface ConsumerIndex {
  readonly id: ReadonlyMap<string, Consumer>
  readonly username: ReadonlyMap<string, Consumer>
  readonly custom_id: ReadonlyMap<string, Consumer>
  readonly usernameIgnoringCase: ReadonlyMap<string, Consumer>
}

const indexes = new WeakMap<KongConfig, ConsumerIndex>()

function indexOf(config: KongConfig): ConsumerIndex {
  let index = indexes.get(config)
  if (!index) indexes.set(config, (index = buildIndex(config.consumers)))
  return index
}

function buildIndex(consumers: readonly Consumer[]): ConsumerIndex {
  const by = (key: (consumer: Consumer) => string | undefined) =>
    new Map(
      consumers.flatMap((consumer): [string, Consumer][] => {
        const name = key(consumer)
        return name === undefined ? [] : [[name, consumer]]
      }),
    )
  return {
    id: by(({ id }) => id),
    username: by(({ username }) => username),
    custom_id: by(({ custom_id }) => custom_id),
    usernameIgnoringCase: by(({ username }) => username?.toLowerCase()),
  }
}

const ORDER = ['username', 'custom_id', 'id'] as const

/**
 * The Consumer a claim names: the first path of `consumer_claims` that has a value, looked up as `consumer_by` says.
 * @returns a refusal when none is found and `consumer_optional` is off; the caller may still fall back to `anonymous`.
 */
export function mapConsumer(principal: Principal, exchange: Exchange, config: OpenIdConnectConfig): Refusal | undefined {
  const paths = config.consumer_claims
  if (!paths?.length) return undefined
  const path = paths.find((candidate) => claimStrings(findClaim(principal, candidate)).length > 0)
  const value = path && findClaim(principal, path)
  // a name with spaces is one name here, not several
  const name = typeof value === 'string' ? value : claimStrings(value)[0]
  const consumer = name === undefined ? undefined : findConsumer(name, exchange.config, config)
  if (consumer) {
    exchange.consumer = consumer
    return undefined
  }
  const shown = paths.map((keys) => keys.join('.')).join(' or ')
  const refusal: Refusal =
    name === undefined
      ? { reason: 'consumer_claim_missing', detail: `the claim ${shown} was not found for consumer mapping` }
      : { reason: 'consumer_not_found', detail: `no consumer is named by the claim ${shown}` }
  exchange.decide({
    name: 'consumer_claims',
    outcome: config.consumer_optional ? 'skip' : 'fail',
    ...refusalFields(refusal),
  })
  return config.consumer_optional ? undefined : refusal
}

function findConsumer(name: string, document: KongConfig, config: OpenIdConnectConfig): Consumer | undefined {
  const index = indexOf(document)
  for (const attribute of ORDER) {
    if (!config.consumer_by.includes(attribute)) continue
    const found =
      index[attribute].get(name) ??
      (attribute === 'username' && config.by_username_ignore_case ? index.usernameIgnoringCase.get(name.toLowerCase()) : undefined)
    if (found) return found
  }
  return undefined
}

/** Consumer groups named by a claim: those the document knows are attached; none known is a refusal unless `consumer_groups_optional`. */
export function mapConsumerGroups(principal: Principal, exchange: Exchange, config: OpenIdConnectConfig): Refusal | undefined {
  const path = config.consumer_groups_claim
  if (!path) return undefined
  const named = claimStrings(findClaim(principal, path))
  const known = named.filter((name) => exchange.config.consumer_groups.some((group) => group.name === name))
  if (known.length > 0) {
    exchange.consumerGroups = known
    return undefined
  }
  if (config.consumer_groups_optional) return undefined
  return { reason: 'consumer_group_not_found', detail: `no consumer group is named by the claim ${path.join('.')}` }
}

/** The consumer that stands in for nobody: by id or user name, not by custom id. */
export function findAnonymous(document: KongConfig, name: string): Consumer | undefined {
  const { id, username } = indexOf(document)
  return id.get(name) ?? username.get(name)
}

const refusalFields = ({ reason, detail }: Refusal) => ({ reason, ...(detail !== undefined && { detail }) })

/** Tells the upstream who the consumer is (section 6.3). Names that do not apply are not set, and the client's own never pass. */
export function setConsumerHeaders({ consumer, credential, anonymous, upstream }: Exchange): void {
  if (!consumer && !SENDS_CREDENTIAL_IDENTIFIER) return
  const headers = {
    'X-Consumer-ID': consumer?.id,
    'X-Consumer-Custom-ID': consumer?.custom_id,
    'X-Consumer-Username': consumer?.username,
    'X-Anonymous-Consumer': anonymous ? 'true' : undefined,
    'X-Credential-Identifier': SENDS_CREDENTIAL_IDENTIFIER ? credential?.id : undefined,
  }
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) upstream.set(name, value)
  }
}
