import { PrismaLibSql } from '@prisma/adapter-libsql';

/**
 * The adapter logs every statement with its arguments through `@prisma/debug`, which keeps the last hundred calls in
 * memory even when nobody listens: a hundred batches of megabytes. Here a statement that is done has no arguments left.
 */
export class LeanLibSql extends PrismaLibSql {
  override async connect(): ReturnType<PrismaLibSql['connect']> {
    const connection = await super.connect();
    const executeRaw = connection.executeRaw.bind(connection);
    connection.executeRaw = async (query) => {
      try {
        return await executeRaw(query);
      } finally {
        query.args.length = 0;
      }
    };
    return connection;
  }
}
