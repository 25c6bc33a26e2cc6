'use strict';
process.env.EASY11_BACKEND = 'native';
