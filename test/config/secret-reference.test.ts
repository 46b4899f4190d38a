import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isSecretReference, readSecret } from '../../src/config/secret-reference.js'
import { createMemoryHost } from '../support/memory-host.js'

const folder = mkdtempSync(join(tmpdir(), 'oidcgw-secret-'))
writeFileSync(join(folder, 'secret.txt'), 'from-file\n')
writeFileSync(join(folder, 'empty.txt'), '\n')
const host = createMemoryHost({ cwd: folder, env: { SECRET: 'from-env', PATH: process.env['PATH'] } })
const read = (reference: string) => readSecret(reference, { host, what: 'profiles.p.client.secret' })

describe('secret references', () => {
  test.for([
    ['env:SECRET', 'from-env'],
    ['file:secret.txt', 'from-file'],
    ['cmd:printf "from-%s\\nmore" cmd', 'from-cmd'],
  ] as const)('%s', async ([reference, secret]) => {
    expect(await read(reference)).toBe(secret)
  })

  test.for([
    { reference: 'env:NOWHERE', code: 'ERR_SECRET_UNAVAILABLE', message: /NOWHERE is not set/ },
    { reference: 'file:nowhere.txt', code: 'ERR_SECRET_UNAVAILABLE', message: /nowhere.txt cannot be read \(ENOENT\)/ },
    { reference: 'file:empty.txt', code: 'ERR_SECRET_UNAVAILABLE', message: /it is empty/ },
    { reference: 'cmd:echo leaked-secret >&2; exit 3', code: 'ERR_SECRET_UNAVAILABLE', message: /exit code 3/ },
    { reference: 'hunter2', code: 'ERR_SECRET_UNAVAILABLE', message: /a literal secret is not accepted/ },
    { reference: 'prompt', code: 'ERR_NEEDS_PERSON', message: /somebody has to type it/ },
  ])('$reference is refused', async ({ reference, code, message }) => {
    const error = await read(reference).catch((reason: Error) => reason)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string })
    expect(String((error as Error).message)).not.toMatch(/hunter2|leaked-secret/)
  })

  test('a literal is no reference', () => {
    expect(isSecretReference('env:A')).toBe(true)
    expect(isSecretReference('env:')).toBe(false)
    expect(isSecretReference('hunter2')).toBe(false)
  })
})
