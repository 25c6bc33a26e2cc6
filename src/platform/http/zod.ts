import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';

// A schema gets its OpenAPI methods when it is made: whoever makes one that is documented takes z from here.
extendZodWithOpenApi(z);

export { z };
