import { expect, test } from 'vitest'
import { closureOf } from '../support/closure.js'

const HEAVY = [
  'openid-client',
  'undici',
  'zod',
  'yaml',
  'jose',
  'open',
  'tough-cookie',
  'uqr',
  '@napi-rs/keyring',
  '@clack/prompts',
  'write-file-atomic',
]

test('a token that is still good costs no heavy package: token, exec and store load none before they need it', async () => {
  for (const name of ['token', 'exec', 'store']) {
    const { files, packages } = await closureOf(`src/cli/commands/${name}.ts`)
    expect(files.size).toBeGreaterThan(5)
    expect(packages.filter((loaded) => HEAVY.includes(loaded))).toEqual([])
  }
})

test('the test would notice: login’s own part does load one', async () => {
  expect((await closureOf('src/client/connect.ts')).packages).toContain('openid-client')
})
