/**
 * The floors of the house, lowest first. A file imports its own room, or a strictly lower floor; rooms on one floor
 * never meet. Type imports count: a type that reaches up is a wish that reaches up.
 */
const floors = [
  ['foundation'],
  ['config', 'http1'],
  ['registry'],
  ['exchange'],
  ['balancing', 'shaping', 'health', 'telemetry', 'supervisor'],
  ['gateway'],
  ['admin'],
  ['dashboard', 'mesh'],
  ['cli'],
];

const rooms = floors.flatMap((floor, height) => floor.map((room) => ({ room, height })));

const floorRules = rooms.map(({ room, height }) => {
  const forbidden = rooms.filter((other) => other.room !== room && other.height >= height).map((other) => other.room);
  return {
    name: `floor-${height}-${room}`,
    severity: 'error',
    from: { path: `^src/${room}/` },
    to: { path: `^src/(?:${[...forbidden, 'index\\.ts$'].join('|')})` },
  };
});

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/index\\.ts$' },
      to: {},
    },
    {
      name: 'every-file-has-a-room',
      severity: 'error',
      from: {
        path: `^src/(?!(?:${rooms.map(({ room }) => room).join('|')})/|index\\.ts$)`,
      },
      to: {},
    },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
      },
    },
    ...floorRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
