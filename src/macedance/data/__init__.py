"""Sound, music features, synthetic MA-Data, shards and the samples made from them."""
