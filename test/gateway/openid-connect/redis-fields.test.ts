import { beforeAll, expect, test } from 'vitest'
import { describeWithPrograms } from '../../support/programs.js'
import { untilAll } from '../../support/until-all.js'
import { startServerPlaces } from './redis-rows/server-places.js'
import { SERVER_ROWS, type ServerPlaces } from './redis-rows/server-rows.js'
import { startRedisStage, type RedisStage } from './redis-rows/stage.js'

describeWithPrograms('fields of `redis`: one server', ['redis-server'], () => {
  const until = untilAll()
  let stage: RedisStage<ServerPlaces>
  beforeAll(async () => {
    const places = await startServerPlaces(until)
    stage = await startRedisStage(SERVER_ROWS, { ...places, until })
  })
  test.for(SERVER_ROWS)('$field', async (row) => {
    expect(await stage.play(row)).toEqual({ default: row.default, changed: row.changed })
    expect(row.changed, 'a row must tell the setting from the default').not.toEqual(row.default)
  })
})
