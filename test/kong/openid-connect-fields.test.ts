import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FIELD_ROWS, openIdConnectFields } from '../../src/kong/openid-connect/fields.js'

/** Members of an interface as it is written: name, and whether it may be null. */
function membersOf(file: string, name: string): ReadonlyMap<string, boolean> {
  const text = readFileSync(new URL(`../../src/kong/openid-connect/${file}`, import.meta.url), 'utf8')
  const start = text.indexOf(`export interface ${name} {`)
  const body = text.slice(start, text.indexOf('\n}\n', start))
  const members = body.split(/\n {2}readonly /).slice(1)
  return new Map(members.map((member) => [member.slice(0, member.indexOf(':')), /\| null\s*(?:\n|$)/.test(member)]))
}

describe('the field table and the type say the same', () => {
  const current = FIELD_ROWS.filter(({ legacy }) => legacy !== true)

  test('378 current names, 34 older ones', () => {
    expect(current).toHaveLength(378)
    expect(FIELD_ROWS).toHaveLength(412)
  })

  test('each field of the type has a row, and each row a field', () => {
    const members = membersOf('config.ts', 'OpenIdConnectConfig')
    expect([...members.keys()].toSorted()).toEqual(
      current
        .map(({ name }) => name)
        .filter((name) => !name.includes('.'))
        .toSorted(),
    )
  })

  test('a default is null only where the type allows it', () => {
    const members = membersOf('config.ts', 'OpenIdConnectConfig')
    const { fields, defaults } = openIdConnectFields('3.15')
    const wrong = [...members].filter(
      ([name, nullable]) => name !== 'issuer' && nullable !== (defaults[name] === null || fields.get(name)?.nullable === true),
    )
    expect(wrong).toEqual([])
  })

  test.for([
    ['redis', 'Redis'],
    ['cluster_cache_redis', 'ClusterCacheRedis'],
    ['principals', 'Principals'],
    ['token_exchange', 'TokenExchange'],
    ['proof_of_possession_mtls_from_header', 'ProofOfPossessionMtlsFromHeader'],
  ] as const)('the members of %s are those of %s', ([field, type]) => {
    const members = membersOf('records.ts', type)
    const record = openIdConnectFields('3.15').fields.get(field)?.record
    expect([...members.keys()].toSorted()).toEqual(record?.names.toSorted())
    expect([...members].filter(([name, nullable]) => nullable !== (record?.defaults[name] === null))).toEqual([])
  })
})
