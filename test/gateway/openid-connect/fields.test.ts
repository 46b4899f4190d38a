import { execFileSync } from 'node:child_process'
import { Redis } from 'ioredis'
import { beforeAll, describe, expect, test } from 'vitest'
import { startRedis } from '../../contracts/redis-server.js'
import { describeWithPrograms } from '../../support/programs.js'
import { ROWS, STORED_ROWS } from './field-rows/index.js'
import type { FieldRow } from './field-rows/row.js'
import { startSecureTokenEndpoint, tlsFile } from './field-rows/secure-token-endpoint.js'
import { startStage, type Stage } from './field-rows/stage.js'

/** Each field of the plugin, tiers 1 and 2, has a setting whose result differs from the default's. */
describe('fields', () => {
  let stage: Stage
  beforeAll(async () => {
    const secure = await startSecureTokenEndpoint()
    const certificates = [
      { id: '11111111-1111-4111-8111-111111111111', ...selfSigned() },
      { id: '22222222-2222-4222-8222-222222222222', cert: tlsFile('two.crt'), key: tlsFile('two.key') },
    ]
    stage = await startStage(ROWS, { certificates, secure: secure.url })
    return () => Promise.all([stage.close(), secure.close()])
  })
  test.for(ROWS)('$field', async (row) => holds(row, stage))
})

describeWithPrograms('fields of sessions in Redis', ['redis-server'], () => {
  let stage: Stage
  beforeAll(async () => {
    const server = await startRedis()
    const plain = new Redis({ port: server.port, host: '127.0.0.1' })
    const shown = async (name: string) =>
      (await plain.type(name)) === 'zset' ? `${name} = ${(await plain.zrange(name, '0', '-1')).join(' ')}` : name
    const names = async () => Promise.all((await plain.keys('*')).map(shown))
    stage = await startStage(STORED_ROWS, { redis: { port: server.port, empty: () => plain.flushall(), names } })
    return async () => {
      await stage.close()
      plain.disconnect()
      await server.kill()
    }
  })
  test.for(STORED_ROWS)('$field', async (row) => holds(row, stage))
})

async function holds(row: FieldRow, stage: Stage): Promise<void> {
  expect(await stage.play(row)).toEqual({ default: row.default, changed: row.changed })
  expect(row.changed, 'a row must tell the setting from the default').not.toEqual(row.default)
}

/** A throw-away certificate; openssl is everywhere these tests run. */
function selfSigned(): { cert: string; key: string } {
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=gateway',
    '-keyout',
    '-',
  ]
  const pem = execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const block = (name: RegExp) => `${name.exec(pem)?.[0] ?? ''}\n`
  return {
    key: block(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/),
    cert: block(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/),
  }
}
