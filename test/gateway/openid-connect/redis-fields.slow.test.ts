import { beforeAll, expect, test } from 'vitest'
import { describeWithPrograms } from '../../support/programs.js'
import { untilAll } from '../../support/until-all.js'
import { startRedisStage, type RedisStage } from './redis-rows/stage.js'
import { startTopologyPlaces } from './redis-rows/topology-places.js'
import { TOPOLOGY_ROWS, type TopologyPlaces } from './redis-rows/topology-rows.js'

describeWithPrograms('fields of `redis`: Sentinel and Cluster', ['redis-server'], () => {
  const until = untilAll()
  let stage: RedisStage<TopologyPlaces>
  beforeAll(async () => {
    const places = await startTopologyPlaces(until)
    stage = await startRedisStage(TOPOLOGY_ROWS, { ...places, until })
  })
  test.for(TOPOLOGY_ROWS)('$field', async (row) => {
    expect(await stage.play(row)).toEqual({ default: row.default, changed: row.changed })
    expect(row.changed, 'a row must tell the setting from the default').not.toEqual(row.default)
  })
})
