import type { Consumer, ConsumerGroup } from '../entities.js'
import { isRecord } from '../fields/read-record.js'
import type { Found } from './collect.js'
import { asList, asText, parentId, type Reading } from './reading.js'
import { within } from './report.js'

const CREDENTIALS = /^(?:.+_credentials|jwt_secrets)$/

export function readConsumerGroups(reading: Reading, ids: Map<Found, string>): readonly ConsumerGroup[] {
  return reading.collected.entities.consumer_groups.map((found) => {
    const fields = reading.read(found)
    const name = asText(fields['name'])
    if (name === undefined) {
      reading.report.add(found.place, [], { id: 'required-field', severity: 'error', message: 'required field missing: name' })
    }
    const id = reading.register(found, name ?? '', name)
    ids.set(found, id)
    return { id, tags: [...asList(fields['tags']), ...reading.collected.selectTags], name: name ?? '' }
  })
}

export function readConsumers(reading: Reading, ids: Map<Found, string>, groups: readonly ConsumerGroup[]): readonly Consumer[] {
  const customIds = new Set<string>()
  const consumers = reading.collected.entities.consumers.map((found) => {
    const fields = reading.read(found)
    const username = asText(fields['username'])
    const custom_id = asText(fields['custom_id'])
    if (username === undefined && custom_id === undefined) {
      reading.report.add(found.place, [], {
        id: 'required-field',
        severity: 'error',
        message: 'a consumer needs a username or a custom_id',
      })
    }
    if (custom_id !== undefined && customIds.has(custom_id)) {
      const message = `"${custom_id}" is already the custom_id of another of the consumers`
      reading.report.add(found.place, ['custom_id'], { id: 'duplicate-name', severity: 'error', message })
    }
    if (custom_id !== undefined) customIds.add(custom_id)
    for (const key of Object.keys(found.value)) if (CREDENTIALS.test(key)) tellCredentials(reading, found, key)
    const id = reading.register(found, username ?? `custom_id:${custom_id}`, username)
    ids.set(found, id)
    const tags = [...asList(fields['tags']), ...reading.collected.selectTags]
    return { id, tags, username, custom_id, groups: readGroups(reading, found, groups) }
  })
  const acls = readAcls(reading, ids)
  const memberships = readMemberships(reading, groups)
  return consumers.map((consumer) => ({
    ...consumer,
    acls: acls.get(consumer.id) ?? [],
    groups: [...new Set([...consumer.groups, ...(memberships.get(consumer.id) ?? [])])],
  }))
}

function tellCredentials({ report }: Reading, { place }: Found, key: string): void {
  report.add(place, [], { id: 'not-imitated', severity: 'info', message: `${key} are not imitated`, key })
}

/** `groups` of a consumer: names, or mappings that hold one. */
function readGroups({ report }: Reading, { value, place }: Found, groups: readonly ConsumerGroup[]): readonly string[] {
  const given = value['groups']
  if (!Array.isArray(given)) return []
  return given.flatMap((entry: unknown, index): string[] => {
    const name = isRecord(entry) ? (entry['name'] ?? entry['id']) : entry
    const group = groups.find((candidate) => candidate.name === name || candidate.id === name)
    if (group === undefined) {
      const message = typeof name === 'string' ? `no consumer group is called "${name}"` : 'expected the name of a consumer group'
      report.add(place, ['groups', index], { id: 'unknown-reference', severity: 'error', message })
      return []
    }
    return [group.name]
  })
}

function readAcls(reading: Reading, ids: ReadonlyMap<Found, string>): ReadonlyMap<string, readonly string[]> {
  const acls = new Map<string, string[]>()
  for (const found of reading.collected.entities.acls) {
    const group = asText(reading.read(found)['group'])
    const consumer = parentId(found, 'consumers', ids) ?? reading.refer(found, 'consumer', 'consumers')
    if (group === undefined)
      reading.report.add(found.place, [], { id: 'required-field', severity: 'error', message: 'required field missing: group' })
    else if (consumer !== undefined) acls.set(consumer, [...(acls.get(consumer) ?? []), group])
  }
  return acls
}

/** Members that a group lists (decK), and `consumer_group_consumers` as the DB-less loader has them; by consumer. */
function readMemberships(reading: Reading, groups: readonly ConsumerGroup[]): ReadonlyMap<string, readonly string[]> {
  const memberships = new Map<string, string[]>()
  const join = (consumer: string | undefined, group: string | undefined): void => {
    if (consumer !== undefined && group !== undefined) memberships.set(consumer, [...(memberships.get(consumer) ?? []), group])
  }
  for (const { value, place } of reading.collected.entities.consumer_groups) {
    const members: unknown = value['consumers']
    if (!Array.isArray(members)) continue
    const list = { value: Object.fromEntries(members.entries()), place: within(place, 'consumers') }
    for (const index of members.keys()) join(reading.refer(list, index, 'consumers'), asText(value['name']))
  }
  for (const found of reading.collected.entities.consumer_group_consumers) {
    reading.read(found)
    const consumer = reading.refer(found, 'consumer', 'consumers')
    const group = reading.refer(found, 'consumer_group', 'consumer_groups')
    join(consumer, groups.find(({ id }) => id === group)?.name)
  }
  return memberships
}
