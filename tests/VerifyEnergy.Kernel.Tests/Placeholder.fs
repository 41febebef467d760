namespace VerifyEnergy.Kernel.Tests

type internal Placeholder = class end
