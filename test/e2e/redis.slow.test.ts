import { expect, test } from 'vitest'
import { startRedis } from '../contracts/redis-server.js'
import { cli } from '../support/memory-host.js'
import { describeWithPrograms } from '../support/programs.js'

describeWithPrograms('story 2 with its sessions in Redis, as the tutorial has it', ['redis-server'], () => {
  test('every assertion holds; with Redis gone none of the login does', async () => {
    const redis = await startRedis()
    const address = `redis://127.0.0.1:${redis.port}`
    const well = await cli(['demo', '--story', '2', '--redis', address])
    await redis.kill()
    expect(well).toMatchObject({ exitCode: 0, stderr: '' })
    expect(well.stdout).toContain('✓ the cookie holds an id only: the tokens are in Redis')

    const gone = await cli(['demo', '--story', '2', '--redis', address])
    expect(gone.exitCode).toBe(1)
    expect(gone.stdout).toMatch(/✗ the gateway exchanges the code: 200 from the upstream: expected 200, got 503/)
  })

  test('an address that is none is exit 2', async () => {
    expect(await cli(['demo', '--redis', 'localhost:6379'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^oidcgw: --redis: /) as string,
    })
  })
})
