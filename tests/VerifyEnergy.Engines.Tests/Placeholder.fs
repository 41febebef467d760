namespace VerifyEnergy.Engines.Tests

type internal Placeholder = class end
