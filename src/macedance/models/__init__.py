"""Networks as plain ``nn.Module`` classes that know no paths, configurations or ranks."""
